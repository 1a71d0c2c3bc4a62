import type { OrderRow } from "@/client";
import { mentions } from "@/lib/rows";
import type { Csv } from "../books/csv-button";

export type Filter = "all" | "open" | "complete" | "rejected" | "cancelled";

export const FILTERS: readonly { filter: Filter; title: string }[] = [
  { filter: "all", title: "All" },
  { filter: "open", title: "Open" },
  { filter: "complete", title: "Filled" },
  { filter: "rejected", title: "Rejected" },
  { filter: "cancelled", title: "Cancelled" },
];

/** Whether it can still fill, or be cancelled. */
export function isOpen(order: Pick<OrderRow, "order_status">): boolean {
  return order.order_status === "open" || order.order_status === "trigger pending";
}

export function belongsTo(filter: Filter, order: Pick<OrderRow, "order_status">): boolean {
  if (filter === "all") return true;
  return filter === "open" ? isOpen(order) : order.order_status === filter;
}

/** How many of `orders` there are for each filter. */
export function counts(orders: readonly Pick<OrderRow, "order_status">[]): Record<Filter, number> {
  const found = { all: 0, open: 0, complete: 0, rejected: 0, cancelled: 0 };
  for (const order of orders) {
    for (const { filter } of FILTERS) if (belongsTo(filter, order)) found[filter] += 1;
  }
  return found;
}

/** What the user asks to see; an empty text stands for all. */
export interface Wanted {
  status: string;
  side: string;
  exchange: string;
  product: string;
  text: string;
}

export function isWanted(order: OrderRow, wanted: Wanted): boolean {
  return (
    belongsTo((wanted.status || "all") as Filter, order) &&
    (wanted.side === "" || order.action === wanted.side) &&
    (wanted.exchange === "" || order.exchange === wanted.exchange) &&
    (wanted.product === "" || order.product === wanted.product) &&
    mentions(wanted.text, [order.symbol, order.orderid, order.strategy, order.pricetype])
  );
}

/** `BUY 10 SBIN` */
export function nameOf({ action, quantity, symbol }: OrderRow): string {
  return `${action} ${quantity} ${symbol}`;
}

export const ORDERS_CSV: Csv<OrderRow> = {
  "time (IST)": (order) => order.timestamp,
  "order id": (order) => order.orderid,
  side: (order) => order.action,
  quantity: (order) => order.quantity,
  filled: (order) => order.filled_quantity,
  symbol: (order) => order.symbol,
  exchange: (order) => order.exchange,
  product: (order) => order.product,
  type: (order) => order.pricetype,
  price: (order) => order.price,
  trigger: (order) => order.trigger_price,
  average: (order) => order.average_price,
  status: (order) => order.order_status,
  reason: (order) => order.rejection_reason,
  strategy: (order) => order.strategy,
};
