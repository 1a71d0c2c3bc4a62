import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import type { Instrument } from "@/live";
import { useAccountKey } from "../accounts/queries";
import { ordersQuery } from "../orders/queries";
import { isTradable } from "../ticket/contract";
import { contractQuery } from "../ticket/queries";
import { Ladder } from "./ladder/ladder";
import { waitingOrders } from "./order-levels";
import { QuotePanel } from "./quote-panel";

/** The quote and the ladder of an instrument, or one of them. */
export function SidePanel({
  instrument,
  show,
}: {
  instrument: Instrument;
  show: "both" | "ladder" | "quote";
}) {
  const key = useAccountKey();
  const contract = useQuery(contractQuery(key, instrument));
  const { data: book } = useQuery(ordersQuery(key));
  const orders = useMemo(
    () => waitingOrders(book?.data.orders ?? [], instrument),
    [book, instrument],
  );
  if (contract.isError) {
    return <ErrorState error={contract.error} onRetry={() => contract.refetch()} />;
  }
  if (contract.data === undefined) return <SkeletonRows />;
  const { grid } = contract.data;
  return (
    <div
      data-symbol={instrument.symbol}
      data-exchange={instrument.exchange}
      className="flex h-full min-h-0 flex-col"
    >
      {show !== "ladder" && (
        <QuotePanel instrument={instrument} grid={grid} className="border-b border-line" />
      )}
      {show !== "quote" &&
        (isTradable(instrument.exchange) ? (
          <Ladder
            key={`${instrument.exchange}:${instrument.symbol}`}
            instrument={instrument}
            grid={grid}
            orders={orders}
            className="flex-1"
          />
        ) : (
          <EmptyState title="No order book">
            {instrument.symbol} is an index: its options and futures have one.
          </EmptyState>
        ))}
    </div>
  );
}
