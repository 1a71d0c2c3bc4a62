import type { OrderRow } from "@/client";
import { toCsv } from "@/lib/csv";

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

export function ordersCsv(orders: readonly OrderRow[]): string {
  return toCsv([
    [
      "time (IST)",
      "order id",
      "side",
      "quantity",
      "filled",
      "symbol",
      "exchange",
      "product",
      "type",
      "price",
      "trigger",
      "average",
      "status",
      "reason",
      "strategy",
    ],
    ...orders.map((order) => [
      order.timestamp,
      order.orderid,
      order.action,
      order.quantity,
      order.filled_quantity,
      order.symbol,
      order.exchange,
      order.product,
      order.pricetype,
      order.price,
      order.trigger_price,
      order.average_price,
      order.order_status,
      order.rejection_reason,
      order.strategy,
    ]),
  ]);
}
