import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@/api";
import {
  actionCenterApproveAll,
  actionCenterReject,
  type PendingOrderRow,
  type StatusFilter,
} from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Confirm } from "@/components/ui/confirm";
import { Pct, Qty, Time } from "@/components/ui/figures";
import { InstrumentName } from "@/components/ui/instrument-name";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { type Column, DataTable } from "@/components/ui/table";
import { textColumn } from "@/components/ui/table-columns";
import { Tab, TabPanel, Tabs, TabsList } from "@/components/ui/tabs";
import { toast } from "@/components/ui/toast";
import { Side } from "../books/cells";
import { ApproveDialog } from "./approve-dialog";
import { pricesOf } from "./prices";
import { approvalsQuery } from "./queries";

const TABS: readonly { status: StatusFilter; title: string }[] = [
  { status: "pending", title: "Pending" },
  { status: "approved", title: "Approved" },
  { status: "rejected", title: "Rejected" },
  { status: "all", title: "All" },
];

export function ActionCenterPage() {
  const queryClient = useQueryClient();
  const [status, setStatus] = useState<StatusFilter>("pending");
  const [deciding, decide] = useState<PendingOrderRow | null>(null);
  const [all, askAll] = useState(false);
  const list = useQuery(approvalsQuery(status));
  const refresh = () => queryClient.invalidateQueries({ queryKey: ["approvals"] });
  const reject = useMutation({
    mutationFn: (order: PendingOrderRow) =>
      call(() =>
        actionCenterReject({ path: { pending_id: order.id }, body: { version: order.version } }),
      ),
    onSuccess: ({ message }) => toast("plain", message),
    onError: (error) => toast("bad", "Not rejected", error.message),
    onSettled: refresh,
  });
  const orders = list.data?.orders ?? [];
  const waiting = orders.filter((order) => order.state === "pending");
  const approveAll = useMutation({
    mutationFn: () =>
      call(() =>
        actionCenterApproveAll({
          body: { items: waiting.map(({ id, version }) => ({ id, version })) },
        }),
      ),
    onSuccess: (reply) => {
      askAll(false);
      toast(reply.status === "success" ? "good" : "bad", reply.message);
    },
    onSettled: refresh,
  });
  const actions = (order: PendingOrderRow) =>
    order.state === "pending" ? (
      <span className="flex justify-end gap-1">
        <Button size="small" kind="primary" onClick={() => decide(order)}>
          Approve
        </Button>
        <Button size="small" disabled={reject.isPending} onClick={() => reject.mutate(order)}>
          Reject
        </Button>
      </span>
    ) : (
      <span className="text-[13px] text-quiet">{order.error_text ?? order.rejected_reason}</span>
    );
  const columns: Column<PendingOrderRow>[] = [
    {
      id: "created",
      title: "Since",
      sortBy: (order) => order.created_at_ist,
      cell: (order) => <Time value={order.created_at_ist} />,
    },
    { id: "mode", title: "Mode", cell: (order) => <ModeBadge order={order} /> },
    textColumn("strategy", "Strategy", (order) => order.strategy),
    {
      id: "symbol",
      title: "Symbol",
      sortBy: (order) => order.symbol,
      cell: (order) => (
        <>
          <Side action={order.action} /> <InstrumentName {...order} />
        </>
      ),
    },
    { id: "qty", title: "Qty", numeric: true, cell: (order) => <Qty value={order.quantity} /> },
    { id: "type", title: "Type", cell: (order) => `${order.price_type} ${order.product_type}` },
    { id: "price", title: "Price", numeric: true, cell: pricesOf },
    {
      id: "drift",
      title: "Moved since",
      numeric: true,
      cell: (order) => <Pct value={order.drift} />,
    },
    {
      id: "state",
      title: "State",
      sortBy: (order) => order.state,
      cell: (order) => <State order={order} />,
    },
    { id: "actions", title: "", cell: actions },
  ];
  return (
    <>
      <PageHead
        title="Action Center"
        aside={
          waiting.length > 0 && (
            <Button onClick={() => askAll(true)}>Approve all {waiting.length}</Button>
          )
        }
      >
        Orders of programs that wait until you let them go.
      </PageHead>
      <Card bodyClassName="p-0">
        <Tabs value={status} onValueChange={(value) => setStatus(value as StatusFilter)}>
          <TabsList aria-label="Orders to show">
            {TABS.map((tab) => (
              <Tab key={tab.status} value={tab.status}>
                {tab.title}
              </Tab>
            ))}
          </TabsList>
          <TabPanel value={status}>
            {list.isPending && <SkeletonRows />}
            {list.isError && <ErrorState error={list.error} onRetry={() => list.refetch()} />}
            {list.isSuccess && (
              <DataTable
                caption="Orders that wait or were decided"
                columns={columns}
                rows={orders}
                rowKey={(order) => String(order.id)}
                initialSort={[{ id: "created", desc: true }]}
                empty={
                  <EmptyState title={status === "pending" ? "Nothing waits" : "Nothing here"}>
                    Orders come here while “Wait for approval” is chosen on the API Key page.
                  </EmptyState>
                }
                card={(order) => (
                  <div className="grid gap-1.5">
                    <span className="flex items-center justify-between gap-2">
                      <span className="font-medium">
                        <Side action={order.action} /> <Qty value={order.quantity} />{" "}
                        <InstrumentName {...order} />
                      </span>
                      <ModeBadge order={order} />
                    </span>
                    <span className="flex items-center justify-between gap-2">
                      <span className="text-[13px] text-quiet">
                        {order.price_type} {order.product_type} · {pricesOf(order)} ·{" "}
                        {order.strategy}
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
      <ApproveDialog order={deciding} onClose={() => decide(null)} />
      <Confirm
        open={all}
        onOpenChange={askAll}
        title={`Send ${waiting.length} orders?`}
        verb="Send them"
        kind={waiting.some((order) => order.mode === "live") ? "live" : "primary"}
        busy={approveAll.isPending}
        error={approveAll.error}
        onConfirm={() => approveAll.mutate()}
      >
        <p>
          {waiting.filter((order) => order.mode === "live").length} with real money,{" "}
          {waiting.filter((order) => order.mode !== "live").length} on paper. What has changed since
          you looked is left waiting.
        </p>
      </Confirm>
    </>
  );
}

function ModeBadge({ order }: { order: PendingOrderRow }) {
  return order.mode === "live" ? (
    <Badge tone="live">LIVE</Badge>
  ) : (
    <Badge tone="paper">PAPER</Badge>
  );
}

function State({ order }: { order: PendingOrderRow }) {
  const bad = ["failed", "broker_rejected", "unknown", "partial"].includes(order.state);
  return <Badge tone={bad ? "loss" : "plain"}>{order.state.replace("_", " ")}</Badge>;
}
