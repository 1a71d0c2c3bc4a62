import type { ReactNode } from "react";
import type { OrderRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Price, Qty, Time } from "@/components/ui/figures";
import { InstrumentName } from "@/components/ui/instrument-name";
import type { Column } from "@/components/ui/table";
import { textColumn } from "@/components/ui/table-columns";
import { SIDE_COLUMN, Side, SYMBOL_COLUMN } from "../books/cells";
import { LivePrice } from "../market/live-price";
import { takesPrice } from "../ticket/terms";
import { isOpen } from "./order-rows";

export const ORDER_COLUMNS: readonly Column<OrderRow>[] = [
  {
    id: "time",
    title: "Time",
    sortBy: (order) => `${order.timestamp} ${order.orderid}`,
    cell: (order) => <Time value={order.timestamp} />,
  },
  SIDE_COLUMN,
  SYMBOL_COLUMN,
  {
    id: "qty",
    title: "Filled / qty",
    numeric: true,
    sortBy: (order) => order.quantity,
    cell: (order) => <Filled order={order} />,
  },
  textColumn("type", "Type", (order) => order.pricetype),
  textColumn("product", "Product", (order) => order.product),
  {
    id: "price",
    title: "Price",
    numeric: true,
    cell: (order) =>
      takesPrice(order.pricetype) ? (
        <Price value={order.price} />
      ) : (
        <span className="text-quiet">market</span>
      ),
  },
  {
    id: "trigger",
    title: "Trigger",
    numeric: true,
    cell: (order) => (order.trigger_price ? <Price value={order.trigger_price} /> : ""),
  },
  {
    id: "ltp",
    title: "LTP",
    numeric: true,
    // Of what is done with the price matters no more.
    cell: (order) => isOpen(order) && <LivePrice symbol={order.symbol} exchange={order.exchange} />,
  },
  {
    id: "average",
    title: "Average",
    numeric: true,
    cell: (order) => (order.average_price ? <Price value={order.average_price} /> : ""),
  },
  {
    id: "status",
    title: "Status",
    sortBy: (order) => order.order_status,
    cell: (order) => <Status order={order} />,
  },
  textColumn("strategy", "Strategy", (order) => order.strategy),
  {
    id: "orderid",
    title: "Order id",
    sortBy: (order) => order.orderid,
    cell: (order) => <span className="num">{order.orderid}</span>,
  },
];

export function OrderCard({ order, actions }: { order: OrderRow; actions: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <span className="flex items-center justify-between gap-2">
        <span className="min-w-0 truncate font-medium">
          <Side action={order.action} /> <Filled order={order} /> <InstrumentName {...order} />
        </span>
        <Status order={order} />
      </span>
      <span className="flex flex-wrap items-center justify-between gap-2 text-[13px] text-quiet">
        <span>
          {order.pricetype} {order.product} <Prices order={order} />·{" "}
          <Time value={order.timestamp} />
        </span>
        <span className="ml-auto">{actions}</span>
      </span>
    </div>
  );
}

/** What it waits for, and what it got. */
function Prices({ order }: { order: OrderRow }) {
  return (
    <>
      {takesPrice(order.pricetype) && (
        <>
          at <Price value={order.price} />{" "}
        </>
      )}
      {order.trigger_price > 0 && (
        <>
          trigger <Price value={order.trigger_price} />{" "}
        </>
      )}
      {order.average_price > 0 && (
        <>
          · avg <Price value={order.average_price} />{" "}
        </>
      )}
      {isOpen(order) && (
        <>
          · now <LivePrice symbol={order.symbol} exchange={order.exchange} />{" "}
        </>
      )}
    </>
  );
}

function Filled({ order }: { order: OrderRow }) {
  return (
    <span className="num">
      {!(order.filled_quantity === order.quantity) && (
        <span className="text-quiet">
          <Qty value={order.filled_quantity} /> /{" "}
        </span>
      )}
      <Qty value={order.quantity} />
    </span>
  );
}

function Status({ order }: { order: OrderRow }) {
  switch (order.order_status) {
    case "complete":
      return <Badge tone="gain">✓ filled</Badge>;
    case "rejected":
      return (
        <Badge tone="loss" title={order.rejection_reason}>
          ✕ rejected
        </Badge>
      );
    case "cancelled":
      return <Badge>cancelled</Badge>;
    case "trigger pending":
      return <Badge tone="warn">waits for trigger</Badge>;
    case "open":
      return <Badge tone="warn">open</Badge>;
  }
}
