import { useQuery } from "@tanstack/react-query";
import { Sheet } from "@/components/ui/dialog";
import { Time } from "@/components/ui/figures";
import { ErrorState, SkeletonRows } from "@/components/ui/states";
import { useAccountKey } from "../accounts/queries";
import { explainQuery } from "./queries";

/** Why an order stands as it does: everything that led to it, and what came of it. */
export function OrderSheet({
  order,
  onClose,
}: {
  order: { orderid: string; title: string } | null;
  onClose: () => void;
}) {
  return (
    <Sheet
      open={order !== null}
      onOpenChange={onClose}
      title={order?.title ?? ""}
      description={order ? `Order ${order.orderid}` : undefined}
      className="max-w-xl"
    >
      {order && <Steps orderid={order.orderid} />}
    </Sheet>
  );
}

function Steps({ orderid }: { orderid: string }) {
  const told = useQuery(explainQuery(useAccountKey(), orderid));
  if (told.isPending) return <SkeletonRows />;
  if (told.isError) return <ErrorState error={told.error} onRetry={() => told.refetch()} />;
  return (
    <ol className="grid">
      {told.data.steps.map((step, number) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end
          key={number}
          className="grid grid-cols-[auto_1fr] gap-x-3 border-b border-line py-2 last:border-0"
        >
          <Time value={step.at} className="text-[13px] text-quiet" />
          <span>{step.text}</span>
        </li>
      ))}
    </ol>
  );
}
