import { type ReactNode, useMemo } from "react";
import type { PositionRow } from "@/client";
import { Price } from "@/components/ui/figures";
import { InstrumentName } from "@/components/ui/instrument-name";
import type { Column } from "@/components/ui/table";
import { textColumn } from "@/components/ui/table-columns";
import { SymbolName } from "../books/cells";
import { Quantity } from "../market/instrument";
import { RowPrice } from "../market/live-price";
import { LivePercent, LiveProfit } from "../market/live-profit";
import { moving, movingPercent } from "../market/profit";
import { isOpen } from "./position-rows";

const CLOSED = "text-quiet";

export const POSITION_COLUMNS: readonly Column<PositionRow>[] = [
  {
    id: "symbol",
    title: "Symbol",
    sortBy: (row) => row.symbol,
    cell: (row) => (
      <span className={isOpen(row) ? "" : CLOSED}>
        <SymbolName {...row} />
      </span>
    ),
  },
  textColumn("product", "Product", (row) => row.product),
  {
    id: "quantity",
    title: "Qty",
    numeric: true,
    sortBy: (row) => row.quantity,
    cell: (row) => (isOpen(row) ? <Quantity {...row} /> : <span className={CLOSED}>closed</span>),
  },
  {
    id: "average",
    title: "Average",
    numeric: true,
    sortBy: (row) => (isOpen(row) ? row.average_price : null),
    cell: (row) => <Price value={isOpen(row) ? row.average_price : null} />,
  },
  {
    id: "ltp",
    title: "LTP",
    numeric: true,
    cell: (row) => <RowPrice row={row} />,
  },
  {
    id: "today",
    title: "P&L today",
    numeric: true,
    sortBy: (row) => row.total_pnl_today,
    cell: (row) => <RowProfit row={row} profit={row.total_pnl_today} />,
  },
  {
    id: "percent",
    title: "P&L %",
    numeric: true,
    sortBy: (row) => (isOpen(row) ? row.pnlpercent : null),
    cell: (row) => <RowPercent row={row} />,
  },
  {
    id: "unrealised",
    title: "Unrealised",
    numeric: true,
    sortBy: (row) => row.unrealized_pnl,
    cell: (row) => <RowProfit row={row} profit={row.unrealized_pnl} />,
  },
  {
    id: "realised",
    title: "Realised",
    numeric: true,
    sortBy: (row) => row.today_realized_pnl,
    cell: (row) => <Realised row={row} />,
  },
];

export function PositionCard({ row, actions }: { row: PositionRow; actions?: ReactNode }) {
  return (
    <div className="grid gap-1">
      <span className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate">
          <InstrumentName {...row} />
        </span>
        <RowProfit row={row} profit={row.total_pnl_today} />
      </span>
      <span className="flex flex-wrap items-center justify-between gap-2 text-[13px] text-quiet">
        <span>
          {isOpen(row) ? (
            <>
              <Quantity {...row} /> {row.product} · avg <Price value={row.average_price} /> · now{" "}
              <RowPrice row={row} />
            </>
          ) : (
            <>closed · {row.product}</>
          )}
        </span>
        <span className="ml-auto">{actions}</span>
      </span>
    </div>
  );
}

function RowProfit({ row, profit }: { row: PositionRow; profit: number }) {
  const positions = useMemo(() => [moving(row, profit)], [row, profit]);
  return <LiveProfit positions={positions} />;
}

function RowPercent({ row }: { row: PositionRow }) {
  const positions = useMemo(() => [movingPercent(row)], [row]);
  return <LivePercent positions={positions} />;
}

/** What is realised moves with no price. */
function Realised({ row }: { row: PositionRow }) {
  const positions = useMemo(() => [moving({ ...row, quantity: 0 }, row.today_realized_pnl)], [row]);
  return <LiveProfit positions={positions} />;
}
