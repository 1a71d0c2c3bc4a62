import type { OrderRow } from "@/client";
import { isOpen } from "../orders/order-rows";

type Waiting = Pick<OrderRow, "pricetype" | "price" | "trigger_price">;

/** The price at which an order waits: its trigger as long as it has one. */
export function levelOf(order: Waiting): number {
  return order.pricetype === "SL" || order.pricetype === "SL-M" ? order.trigger_price : order.price;
}

/** The prices of an order that is moved to `price`; a limit keeps its distance from the trigger. */
export function movedTo(
  order: Waiting,
  price: number,
  decimals: number,
): { price?: number; triggerPrice?: number } {
  if (order.pricetype === "SL-M") return { triggerPrice: price };
  if (order.pricetype !== "SL") return { price };
  const limit = order.price + price - order.trigger_price;
  return { triggerPrice: price, price: Number(limit.toFixed(decimals)) };
}

/** The orders that wait at a price of this instrument. */
export function waitingOrders(
  orders: readonly OrderRow[],
  { symbol, exchange }: { symbol: string; exchange: string },
): OrderRow[] {
  return orders.filter(
    (order) =>
      order.symbol === symbol &&
      order.exchange === exchange &&
      isOpen(order) &&
      order.pricetype !== "MARKET",
  );
}

export type Choice = "limit" | "stop";

/** Whether an order at `price` would not wait there, where the last price is known. */
export function wouldFillAtOnce(
  action: "BUY" | "SELL",
  choice: Choice,
  price: number,
  last: number | null,
): boolean {
  if (last === null || price === last) return choice === "stop" && last !== null;
  const above = price > last;
  return (action === "BUY") === (choice === "limit") ? above : !above;
}

/** The order of a menu at `price`. Exchanges take no stops at the market for options. */
export function draftAt(
  instrument: { symbol: string; exchange: string },
  action: "BUY" | "SELL",
  choice: Choice,
  price: number,
) {
  const { symbol, exchange } = instrument;
  const what = { symbol, exchange, action };
  if (choice === "limit") return { ...what, pricetype: "LIMIT", price };
  const isOption = /\d(CE|PE)$/.test(symbol);
  return isOption
    ? { ...what, pricetype: "SL", price, triggerPrice: price }
    : { ...what, pricetype: "SL-M", triggerPrice: price };
}
