import type { PendingOrderRow } from "@/client";
import { formatNumber } from "@/lib/numbers";

/** At what prices an order would be sent: `812.00, trigger 811.00`. Those of a GTT come as `799 / 830`. */
export function pricesOf(order: Pick<PendingOrderRow, "price" | "trigger_price">): string {
  const price = written(order.price);
  return order.trigger_price === "0" ? price : `${price}, trigger ${written(order.trigger_price)}`;
}

function written(prices: string): string {
  return prices.split(" / ").map(wordOf).join(" / ");
}

function wordOf(price: string): string {
  if (price === "0") return "market";
  return Number.isNaN(Number(price)) ? price.toLowerCase() : formatNumber(price);
}
