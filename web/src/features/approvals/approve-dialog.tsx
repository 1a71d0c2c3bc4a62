import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "@/api";
import { actionCenterApprove, actionCenterPreview, type PendingOrderRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Pct, Price, Qty } from "@/components/ui/figures";
import { InstrumentName } from "@/components/ui/instrument-name";
import { ErrorLine, ErrorState, SkeletonRows } from "@/components/ui/states";
import { toast } from "@/components/ui/toast";

/** Shows what approving would do now, and does it. */
export function ApproveDialog({
  order,
  onClose,
}: {
  order: PendingOrderRow | null;
  onClose: () => void;
}) {
  return (
    <Dialog
      open={order !== null}
      onOpenChange={onClose}
      title={order?.mode === "live" ? "Send with real money?" : "Send on paper?"}
      description={order ? `From ${order.strategy}, by ${order.source}` : undefined}
    >
      {order && <Review order={order} onClose={onClose} />}
    </Dialog>
  );
}

function Review({ order, onClose }: { order: PendingOrderRow; onClose: () => void }) {
  const queryClient = useQueryClient();
  const path = { pending_id: order.id };
  const review = useQuery({
    queryKey: ["approvals", "preview", order.id, order.version],
    queryFn: async ({ signal }) => (await call(() => actionCenterPreview({ path, signal }))).data,
    staleTime: 0,
  });
  const concerns = Object.entries(review.data?.concerns ?? {});
  const approve = useMutation({
    mutationFn: () =>
      call(() =>
        actionCenterApprove({
          path,
          body: { version: order.version, confirm: concerns.length > 0 },
        }),
      ),
    onSuccess: (reply) => {
      toast(reply.status === "success" ? "good" : "bad", reply.message, reply.error ?? undefined);
      onClose();
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["approvals"] }),
  });
  if (review.isPending) return <SkeletonRows rows={2} />;
  if (review.isError) return <ErrorState error={review.error} onRetry={() => review.refetch()} />;
  return (
    <>
      <ul className="rounded-md border border-line">
        {review.data.orders.map((each) => (
          <li
            key={`${each.exchange}:${each.symbol}:${each.action}`}
            className="flex flex-wrap justify-between gap-2 border-b border-line px-3 py-2 last:border-0"
          >
            <span className="font-medium">
              {each.action} <Qty value={each.quantity} /> <InstrumentName {...each} />
            </span>
            <span>
              {each.pricetype} {each.product}{" "}
              {each.price ? <Price value={each.price} /> : "at market"}
            </span>
          </li>
        ))}
      </ul>
      {review.data.prices.map((price) => (
        <p key={`${price.exchange}:${price.symbol}`} className="text-[13px] text-quiet">
          {price.symbol}: <Price value={price.ltp_at_queue} /> when it came,{" "}
          <Price value={price.ltp_now} /> now (<Pct value={price.drift} />)
        </p>
      ))}
      {concerns.map(([concern, sentence]) => (
        <p key={concern} className="rounded-md bg-warn-soft px-3 py-2 text-warn">
          {sentence}
        </p>
      ))}
      <ErrorLine error={approve.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Leave it waiting</Button>
        <Button
          kind={order.mode === "live" ? "live" : "primary"}
          busy={approve.isPending}
          onClick={() => approve.mutate()}
        >
          {concerns.length > 0 ? "Send it all the same" : "Send it"}
        </Button>
      </div>
    </>
  );
}
