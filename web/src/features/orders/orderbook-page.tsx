import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useMemo, useState } from "react";
import { call } from "@/api";
import { cancelallorder, cancelorder, type OrderRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Confirm } from "@/components/ui/confirm";
import { Price, Qty, Time } from "@/components/ui/figures";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { type Column, DataTable } from "@/components/ui/table";
import { Tab, TabPanel, Tabs, TabsList } from "@/components/ui/tabs";
import { toast } from "@/components/ui/toast";
import { saveFile } from "@/lib/csv";
import { dateKey } from "@/lib/times";
import { useAccount, useAccountKey } from "../accounts/queries";
import { askToModify } from "../ticket/ask";
import { belongsTo, counts, FILTERS, type Filter, isOpen, ordersCsv } from "./order-rows";
import { OrderSheet } from "./order-sheet";
import { ordersQuery } from "./queries";

const STRATEGY = "web";
const NO_ORDERS: readonly OrderRow[] = [];

export function OrderbookPage() {
  const orders = useQuery(ordersQuery(useAccountKey()));
  const [filter, setFilter] = useState<Filter>("all");
  const [opened, open] = useState<OrderRow | null>(null);
  const cancel = useCancel();
  const all = orders.data?.data.orders ?? NO_ORDERS;
  const found = useMemo(() => counts(all), [all]);
  const shown = useMemo(() => all.filter((order) => belongsTo(filter, order)), [all, filter]);
  const actions = (order: OrderRow) => (
    <span className="flex justify-end gap-1">
      {isOpen(order) && (
        <Button size="small" onClick={() => askToModify(order)}>
          Modify
        </Button>
      )}
      {isOpen(order) && (
        <Button
          size="small"
          className="text-loss"
          busy={cancel.isPending && cancel.variables.orderid === order.orderid}
          onClick={() => cancel.mutate(order)}
        >
          Cancel
        </Button>
      )}
      <Button size="small" kind="ghost" onClick={() => open(order)}>
        Why?
      </Button>
    </span>
  );
  const columns: Column<OrderRow>[] = [...COLUMNS, { id: "actions", title: "", cell: actions }];
  return (
    <>
      <PageHead
        title="Orderbook"
        aside={
          <>
            <CancelAll open={all.filter(isOpen)} />
            <Button
              disabled={shown.length === 0}
              onClick={() => saveFile(`orders-${dateKey(new Date())}.csv`, ordersCsv(shown))}
            >
              <Download /> CSV
            </Button>
          </>
        }
      />
      <Card bodyClassName="p-0">
        <Tabs value={filter} onValueChange={(value) => setFilter(value as Filter)}>
          <TabsList aria-label="Orders to show">
            {FILTERS.map((each) => (
              <Tab key={each.filter} value={each.filter}>
                {each.title} <span className="text-quiet tabular-nums">{found[each.filter]}</span>
              </Tab>
            ))}
          </TabsList>
          <TabPanel value={filter}>
            {orders.isPending && <SkeletonRows />}
            {orders.isError && <ErrorState error={orders.error} onRetry={() => orders.refetch()} />}
            {orders.isSuccess && (
              <DataTable
                caption="Orders"
                columns={columns}
                rows={shown}
                rowKey={(order) => order.orderid}
                initialSort={[{ id: "time", desc: true }]}
                empty={
                  <EmptyState title={filter === "all" ? "No orders today" : "No such orders"}>
                    {filter === "all" && "Orders of programs and of this app appear here at once."}
                  </EmptyState>
                }
                card={(order) => (
                  <div className="grid gap-1.5">
                    <span className="flex items-center justify-between gap-2">
                      <span className="font-medium">
                        <Side action={order.action} /> <Filled order={order} /> {order.symbol}
                      </span>
                      <Status order={order} />
                    </span>
                    <span className="flex items-center justify-between gap-2 text-[13px] text-quiet">
                      <span>
                        {order.pricetype} {order.product} · <Time value={order.timestamp} />
                      </span>
                      {actions(order)}
                    </span>
                  </div>
                )}
              />
            )}
          </TabPanel>
        </Tabs>
      </Card>
      <OrderSheet order={opened} onClose={() => open(null)} />
    </>
  );
}

const COLUMNS: readonly Column<OrderRow>[] = [
  {
    id: "time",
    title: "Time",
    sortBy: (order) => `${order.timestamp} ${order.orderid}`,
    cell: (order) => <Time value={order.timestamp} />,
  },
  {
    id: "side",
    title: "Side",
    sortBy: (order) => order.action,
    cell: (order) => <Side action={order.action} />,
  },
  {
    id: "symbol",
    title: "Symbol",
    sortBy: (order) => order.symbol,
    cell: (order) => (
      <>
        {order.symbol} <span className="text-xs text-quiet">{order.exchange}</span>
      </>
    ),
  },
  { id: "qty", title: "Filled / qty", numeric: true, cell: (order) => <Filled order={order} /> },
  { id: "type", title: "Type", cell: (order) => `${order.pricetype} ${order.product}` },
  {
    id: "price",
    title: "Price",
    numeric: true,
    cell: (order) => (order.price ? <Price value={order.price} /> : "market"),
  },
  {
    id: "trigger",
    title: "Trigger",
    numeric: true,
    cell: (order) => (order.trigger_price ? <Price value={order.trigger_price} /> : ""),
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
  {
    id: "strategy",
    title: "Strategy",
    sortBy: (order) => order.strategy,
    cell: (order) => order.strategy,
  },
];

function CancelAll({ open }: { open: readonly OrderRow[] }) {
  const account = useAccount();
  const queryClient = useQueryClient();
  const [asking, ask] = useState(false);
  const cancel = useMutation({
    mutationFn: () => call(() => cancelallorder({ body: { strategy: STRATEGY } })),
    onSuccess: ({ message }) => {
      ask(false);
      toast("plain", message);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["of-account"] }),
  });
  if (open.length === 0) return null;
  return (
    <>
      <Button className="text-loss" onClick={() => ask(true)}>
        Cancel all {open.length}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={ask}
        title={`Cancel ${open.length} open ${open.length === 1 ? "order" : "orders"}?`}
        verb="Cancel them"
        busy={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
      >
        <p>
          Of {account?.name}, {account?.analyze_mode ? "on paper" : "with real money"}. Positions
          stay open.
        </p>
      </Confirm>
    </>
  );
}

function useCancel() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (order: OrderRow) =>
      call(() => cancelorder({ body: { strategy: order.strategy, orderid: order.orderid } })),
    onSuccess: (_reply, order) => toast("plain", `${order.symbol}: order cancelled`),
    onError: (error, order) => toast("bad", `${order.symbol}: not cancelled`, error.message),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["of-account"] }),
  });
}

function Side({ action }: { action: string }) {
  return <Badge tone={action === "SELL" ? "loss" : "accent"}>{action}</Badge>;
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
