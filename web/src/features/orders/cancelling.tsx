import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, undone } from "@/api";
import { cancelallorder, cancelorder, type OrderRow } from "@/client";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { formatMoney } from "@/lib/numbers";
import { sumOf } from "@/lib/rows";
import { oneByOne, type Report } from "../books/bulk";
import { BulkDialog } from "../books/bulk-dialog";
import { nameOf } from "./order-rows";

const STRATEGY = "web";

export function useCancel() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: cancelOne,
    onSuccess: (_reply, order) => toast("plain", `${nameOf(order)}: order cancelled`),
    onError: (error, order) =>
      toast("bad", `${nameOf(order)}: ${undone(error, "cancelled")}`, error.message),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["of-account"] }),
  });
}

function cancelOne(order: OrderRow) {
  return call(() =>
    cancelorder({ body: { strategy: order.strategy || STRATEGY, orderid: order.orderid } }),
  );
}

/** Cancels every open order of the account, shown or not. */
export function CancelAll({ open }: { open: readonly OrderRow[] }) {
  return (
    <Cancelling
      orders={open}
      label={`Cancel all ${open.length}`}
      run={(report, asked) => all(asked, report)}
    >
      Orders that come in meanwhile are cancelled, too.
    </Cancelling>
  );
}

/** Cancels the chosen orders and no other. */
export function CancelChosen({ orders }: { orders: readonly OrderRow[] }) {
  return (
    <Cancelling
      orders={orders}
      label={`Cancel ${orders.length}`}
      run={(report, asked) =>
        oneByOne(
          asked.map((order) => ({ order, key: order.orderid, title: nameOf(order) })),
          async ({ order }) => {
            await cancelOne(order);
            return `Cancelled: order ${order.orderid}`;
          },
          report,
        )
      }
    />
  );
}

function Cancelling({
  orders,
  label,
  run,
  children,
}: {
  orders: readonly OrderRow[];
  label: string;
  run: (report: Report, asked: readonly OrderRow[]) => Promise<void>;
  children?: string;
}) {
  // The orders as they were asked about: what fills or comes meanwhile does not change the question.
  const [asked, ask] = useState<readonly OrderRow[] | null>(null);
  return (
    <>
      {orders.length > 0 && (
        <Button size="small" className="h-8 text-loss" onClick={() => ask(orders)}>
          {label}
        </Button>
      )}
      {asked && (
        <BulkDialog
          title={`Cancel ${asked.length} open ${asked.length === 1 ? "order" : "orders"}?`}
          verb="Cancel them"
          onClose={() => ask(null)}
          run={(report) => run(report, asked)}
        >
          <p>
            Worth{" "}
            {formatMoney(sumOf(asked, ({ price, pending_quantity }) => price * pending_quantity))}{" "}
            at their prices. {children} Positions stay open.
          </p>
        </BulkDialog>
      )}
    </>
  );
}

/** Tells of each order what came of it; throws where nothing was answered. */
async function all(orders: readonly OrderRow[], report: Report): Promise<void> {
  const reply = await call(() => cancelallorder({ body: { strategy: STRATEGY } }));
  const title = (orderid: string) => {
    const order = orders.find((each) => each.orderid === orderid);
    return order ? nameOf(order) : `Order ${orderid}`;
  };
  for (const { orderid, message } of reply.failed_cancellations) {
    report({ key: orderid, title: title(orderid), good: false, text: message });
  }
  for (const orderid of reply.canceled_orders) {
    report({
      key: orderid,
      title: title(orderid),
      good: true,
      text: `Cancelled: order ${orderid}`,
    });
  }
}
