import { useQuery } from "@tanstack/react-query";
import type { DayRow } from "@/client";
import { Money } from "@/components/ui/figures";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { type Column, DataTable } from "@/components/ui/table";
import { profitColumn } from "@/components/ui/table-columns";
import { formatDate } from "@/lib/times";
import { useAccountKey } from "../accounts/queries";
import { daysQuery } from "./queries";

const COLUMNS: readonly Column<DayRow>[] = [
  { id: "day", title: "Day", sortBy: (row) => row.day, cell: (row) => formatDate(row.day) },
  profitColumn("realised", "Realised", (row) => row.realized),
  {
    id: "unrealised",
    title: "Open at the close",
    numeric: true,
    cell: (row) => <Money value={row.unrealized} signed />,
  },
  profitColumn("total", "Total", (row) => row.total),
  {
    id: "highest",
    title: "Highest",
    numeric: true,
    cell: (row) => <Money value={row.max?.total} signed />,
  },
  {
    id: "lowest",
    title: "Lowest",
    numeric: true,
    cell: (row) => <Money value={row.min?.total} signed />,
  },
  {
    id: "drawdown",
    title: "Max drawdown",
    numeric: true,
    sortBy: (row) => row.max_drawdown ?? 0,
    cell: (row) => <Money value={row.max_drawdown} />,
  },
];

/** How the days ended; today as it stands. */
export function DaysTable() {
  const { data, error, refetch } = useQuery(daysQuery(useAccountKey()));
  if (error) return <ErrorState error={error} onRetry={() => refetch()} />;
  if (data === undefined) return <SkeletonRows rows={3} />;
  return (
    <DataTable
      caption="Profit by day"
      columns={COLUMNS}
      rows={data.days}
      rowKey={(row) => row.day}
      initialSort={[{ id: "day", desc: true }]}
      className="max-h-[28rem]"
      empty={
        <EmptyState title="No days yet">A day appears with its first profit or loss.</EmptyState>
      }
      card={(row) => (
        <div className="flex items-baseline justify-between gap-3">
          <span>
            <span className="block font-medium">{formatDate(row.day)}</span>
            <span className="text-[13px] text-quiet">
              Max drawdown <Money value={row.max_drawdown} />
            </span>
          </span>
          <Money value={row.total} signed />
        </div>
      )}
    />
  );
}
