import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { OrderRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Counters } from "@/components/ui/counters";
import { EmptyState } from "@/components/ui/states";
import type { Column } from "@/components/ui/table";
import { useAccountKey } from "../accounts/queries";
import { Book } from "../books/book";
import { Sides } from "../books/cells";
import { CsvButton } from "../books/csv-button";
import { SelectionBar } from "../books/selection-bar";
import { FieldChoice, Toolbar } from "../books/toolbar";
import { useChosen } from "../books/use-chosen";
import { useView } from "../books/view";
import { askToModify } from "../ticket/ask";
import { CancelAll, CancelChosen, useCancel } from "./cancelling";
import { ORDER_COLUMNS, OrderCard } from "./order-cells";
import { counts, FILTERS, isOpen, isWanted, nameOf, ORDERS_CSV } from "./order-rows";
import { OrderSheet } from "./order-sheet";
import { ordersQuery } from "./queries";

const NO_ORDERS: readonly OrderRow[] = [];
const USUAL = {
  sort: [{ id: "time", desc: true }],
  hidden: ["orderid"],
  filters: { status: "all" },
};

export function OrdersTab() {
  const orders = useQuery(ordersQuery(useAccountKey()));
  const all = orders.data?.data.orders ?? NO_ORDERS;
  const book = useView("orders", USUAL);
  const [opened, open] = useState<OrderRow | null>(null);
  const { text } = book;
  const [status, side, exchange, product] = ["status", "side", "exchange", "product"].map(
    book.filter,
  ) as [string, string, string, string];
  const shown = useMemo(
    () => all.filter((order) => isWanted(order, { status, side, exchange, product, text })),
    [all, status, side, exchange, product, text],
  );
  const found = useMemo(() => counts(all), [all]);
  const chosen = useChosen(shown, keyOf, isOpen, nameOf);
  const columns = useMemo<Column<OrderRow>[]>(
    () => [
      ...ORDER_COLUMNS,
      {
        id: "actions",
        title: "",
        pinned: true,
        cell: (order) => <Actions order={order} onOpen={open} />,
      },
    ],
    [],
  );
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-1.5">
        <span className="flex flex-wrap gap-2">
          <Counters
            label="Status"
            counters={FILTERS.map(({ filter, title }) => ({
              value: filter,
              title,
              count: found[filter],
            }))}
            value={status || "all"}
            onChange={(value) => book.setFilter("status", value)}
          />
          <Sides rows={all} value={side} onChange={(value) => book.setFilter("side", value)} />
        </span>
        <span className="flex gap-2">
          <CancelAll open={all.filter(isOpen)} />
          <CsvButton name="orders" csv={ORDERS_CSV} rows={shown} />
        </span>
      </div>
      <Toolbar book={book} columns={columns} placeholder="Symbol, id, strategy">
        <FieldChoice field="exchange" rows={all} book={book} />
        <FieldChoice field="product" rows={all} book={book} />
      </Toolbar>
      <SelectionBar count={chosen.rows.length} onClear={chosen.clear}>
        <CancelChosen orders={chosen.rows} />
      </SelectionBar>
      <Book
        asked={orders}
        book={book}
        caption="Orders"
        rows={all}
        shown={shown}
        columns={columns}
        rowKey={keyOf}
        instrument={(order) => order}
        selection={chosen.selection}
        card={(order) => (
          <OrderCard order={order} actions={<Actions order={order} onOpen={open} />} />
        )}
        nothing={
          <EmptyState title="No orders today">
            Orders of programs and of this app appear here at once.
          </EmptyState>
        }
      />
      <OrderSheet
        order={opened && { orderid: opened.orderid, title: nameOf(opened) }}
        onClose={() => open(null)}
      />
    </>
  );
}

function keyOf(order: OrderRow): string {
  return order.orderid;
}

function Actions({ order, onOpen }: { order: OrderRow; onOpen: (order: OrderRow) => void }) {
  const cancel = useCancel();
  return (
    <span className="flex justify-end gap-1">
      {isOpen(order) && (
        <>
          <Button size="small" onClick={() => askToModify(order)}>
            Modify
          </Button>
          <Button
            size="small"
            className="text-loss"
            busy={cancel.isPending}
            onClick={() => cancel.mutate(order)}
          >
            Cancel
          </Button>
        </>
      )}
      <Button size="small" kind="ghost" onClick={() => onOpen(order)}>
        Why?
      </Button>
    </span>
  );
}
