import { useMemo } from "react";
import type { PositionRow } from "@/client";
import { Money, Qty } from "@/components/ui/figures";
import { InstrumentName } from "@/components/ui/instrument-name";
import { EmptyState } from "@/components/ui/states";
import { type Column, DataTable } from "@/components/ui/table";
import { INSTRUMENT_COLUMN, profitColumn, textColumn } from "@/components/ui/table-columns";
import { LiveProfit } from "../market/live-profit";

const COLUMNS: readonly Column<PositionRow>[] = [
  INSTRUMENT_COLUMN,
  textColumn("product", "Product", (row) => row.product),
  {
    id: "quantity",
    title: "Qty",
    numeric: true,
    cell: (row) => <Qty value={row.quantity} signed />,
  },
  profitColumn("realised", "Realised", (row) => row.today_realized_pnl),
  {
    id: "unrealised",
    title: "Unrealised",
    numeric: true,
    sortBy: (row) => row.unrealized_pnl,
    cell: (row) => <Moving row={row} profit={row.unrealized_pnl} />,
  },
  {
    id: "total",
    title: "Total",
    numeric: true,
    sortBy: (row) => row.total_pnl_today,
    cell: (row) => <Moving row={row} profit={row.total_pnl_today} />,
  },
];

/** What each position made today. */
export function SymbolsTable({ positions }: { positions: readonly PositionRow[] }) {
  return (
    <DataTable
      caption="Profit by symbol and product"
      columns={COLUMNS}
      rows={positions}
      rowKey={(row) => `${row.exchange}:${row.symbol}:${row.product}`}
      initialSort={[{ id: "total", desc: true }]}
      className="max-h-[28rem]"
      empty={<EmptyState title="No positions today">They appear with your first fill.</EmptyState>}
      card={(row) => (
        <div className="flex items-baseline justify-between gap-3">
          <span>
            <span className="block">
              <InstrumentName {...row} />
            </span>
            <span className="text-[13px] text-quiet">
              <Qty value={row.quantity} signed /> · {row.product} · realised{" "}
              <Money value={row.today_realized_pnl} signed />
            </span>
          </span>
          <Moving row={row} profit={row.total_pnl_today} />
        </div>
      )}
    />
  );
}

function Moving({ row, profit }: { row: PositionRow; profit: number }) {
  const positions = useMemo(() => [{ ...row, profit }], [row, profit]);
  return <LiveProfit positions={positions} />;
}
