import { useMemo } from "react";
import type { PositionRow } from "@/client";
import { Figure, FigureStrip } from "@/components/ui/figure-strip";
import { LiveProfit } from "../market/live-profit";
import { moving } from "../market/profit";
import { isOpen } from "./position-rows";

/** What the positions have made today, moving with their prices. */
export function PositionsTotals({
  rows,
  shown,
  failed,
}: {
  /** All positions; `undefined` where they are not known. */
  rows: readonly PositionRow[] | undefined;
  /** Those that the filters leave; `null` where they leave all. */
  shown: readonly PositionRow[] | null;
  failed: boolean;
}) {
  const totals = useMemo(() => rows && totalsOf(rows), [rows]);
  const part = useMemo(() => shown && totalsOf(shown).today, [shown]);
  const unknown = failed && "—";
  return (
    <FigureStrip className={part ? "sm:grid-cols-4" : "sm:grid-cols-3"}>
      <Figure title="P&L today" large className="max-sm:col-span-2">
        {totals ? <LiveProfit positions={totals.today} /> : unknown}
      </Figure>
      <Figure title="Unrealised">
        {totals ? <LiveProfit positions={totals.unrealised} /> : unknown}
      </Figure>
      <Figure title="Realised today">
        {totals ? <LiveProfit positions={totals.realised} /> : unknown}
      </Figure>
      {part && (
        <Figure title="P&L of what is shown" className="max-sm:col-span-2">
          <LiveProfit positions={part} />
        </Figure>
      )}
    </FigureStrip>
  );
}

/** The heading of a group: what its positions have made together. */
export function Together({ name, rows }: { name: string; rows: readonly PositionRow[] }) {
  const { today } = useMemo(() => totalsOf(rows), [rows]);
  const open = rows.filter(isOpen).length;
  return (
    <span className="flex items-baseline justify-between gap-3">
      <span>
        <span className="font-semibold">{name}</span>{" "}
        <span className="text-[13px] text-quiet">
          {open} open{rows.length > open && `, ${rows.length - open} closed`}
        </span>
      </span>
      <LiveProfit positions={today} className="font-semibold" />
    </span>
  );
}

function totalsOf(rows: readonly PositionRow[]) {
  return {
    today: rows.map((row) => moving(row, row.total_pnl_today)),
    unrealised: rows.map((row) => moving(row, row.unrealized_pnl)),
    // What is realised moves with no price.
    realised: rows.map((row) => moving({ ...row, quantity: 0 }, row.today_realized_pnl)),
  };
}
