import type { ProfitPoint } from "@/client";
import { Money, Time } from "@/components/ui/figures";
import { type Column, DataTable } from "@/components/ui/table";
import { profitColumn } from "@/components/ui/table-columns";

const COLUMNS: readonly Column<ProfitPoint>[] = [
  {
    id: "time",
    title: "Until",
    sortBy: (point) => point.time,
    cell: (point) => <Time value={point.time} />,
  },
  {
    id: "realized",
    title: "Realised",
    numeric: true,
    cell: (point) => <Money value={point.realized} signed />,
  },
  {
    id: "unrealized",
    title: "Unrealised",
    numeric: true,
    cell: (point) => <Money value={point.unrealized} signed />,
  },
  profitColumn("total", "Total", (point) => point.total),
  {
    id: "drawdown",
    title: "Drawdown",
    numeric: true,
    sortBy: (point) => point.drawdown,
    cell: (point) => <Money value={point.drawdown} />,
  },
];

/** The curve in numbers, newest first. */
export function PointsTable({
  points,
  className = "max-h-80",
}: {
  points: readonly ProfitPoint[];
  className?: string;
}) {
  return (
    <DataTable
      caption="Profit and loss by the minute"
      columns={COLUMNS}
      rows={points}
      rowKey={(point) => String(point.time)}
      initialSort={[{ id: "time", desc: true }]}
      className={className}
      empty={<p className="p-3 text-quiet">Nothing was made or lost today.</p>}
      card={(point) => (
        <div className="flex items-baseline justify-between gap-3">
          <span>
            <Time value={point.time} />
            <span className="block text-[13px] text-quiet">
              Drawdown <Money value={point.drawdown} />
            </span>
          </span>
          <Money value={point.total} signed />
        </div>
      )}
    />
  );
}
