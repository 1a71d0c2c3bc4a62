import { useQuery } from "@tanstack/react-query";
import type { StrategyRow } from "@/client";
import { Money, Qty } from "@/components/ui/figures";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { type Column, DataTable } from "@/components/ui/table";
import { useAccountKey } from "../accounts/queries";
import { strategiesQuery } from "./queries";

const COLUMNS: readonly Column<StrategyRow>[] = [
  {
    id: "strategy",
    title: "Strategy",
    sortBy: (row) => row.strategy,
    cell: (row) => nameOf(row),
  },
  {
    id: "trades",
    title: "Trades",
    numeric: true,
    sortBy: (row) => row.trades,
    cell: (row) => <Qty value={row.trades} />,
  },
  {
    id: "total",
    title: "Made today",
    numeric: true,
    sortBy: (row) => row.total ?? 0,
    cell: (row) => <Money value={row.total} signed />,
  },
];

/** What the trades of each strategy made. */
export function StrategiesTable() {
  const { data, error, refetch } = useQuery(strategiesQuery(useAccountKey()));
  if (error) return <ErrorState error={error} onRetry={() => refetch()} />;
  if (data === undefined) return <SkeletonRows rows={3} />;
  return (
    <>
      <DataTable
        caption="Profit by strategy"
        columns={COLUMNS}
        rows={data.strategies}
        rowKey={(row) => row.strategy}
        className="max-h-[28rem]"
        empty={
          <EmptyState title="No trades today">
            A strategy is what the order names as such.
          </EmptyState>
        }
        card={(row) => (
          <div className="flex items-baseline justify-between gap-3">
            <span>
              <span className="block font-medium">{nameOf(row)}</span>
              <span className="text-[13px] text-quiet">{row.trades} trades</span>
            </span>
            <Money value={row.total} signed />
          </div>
        )}
      />
      <p className="border-t border-line px-3 py-2 text-[13px] text-quiet">
        Positions carried into the day made <Money value={data.rest} signed /> besides. A strategy
        counts with its own trades: what it paid, what it received, and what is left of that at the
        last price.
      </p>
    </>
  );
}

function nameOf(row: StrategyRow): string {
  return row.strategy || "Without a strategy";
}
