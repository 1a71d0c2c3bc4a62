import type { PendingOrderRow } from "@/client";
import { formatNumber } from "@/lib/numbers";

/** At what prices an order would be sent: `812.00, trigger 811.00`. Those of a GTT come as `799 / 830`. */
export function pricesOf(order: Pick<PendingOrderRow, "price" | "trigger_price">): string {
  const trigger = order.trigger_price === "0" ? "" : `trigger ${written(order.trigger_price)}`;
  const price = order.price === "0" ? "market" : written(order.price);
  return trigger ? `${price}, ${trigger}` : price;
}

function written(prices: string): string {
  return prices
    .split(" / ")
    .map((price) => (Number.isNaN(Number(price)) ? price.toLowerCase() : formatNumber(price)))
    .join(" / ");
}
