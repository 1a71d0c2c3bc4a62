import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import type { ChainRow } from "@/client";
import { type Mode, type Tick, ticks } from "@/live";
import type { ChainColumn } from "./columns";
import { type ShownLeg, shownOf } from "./live-leg";

export type Side = "ce" | "pe";

const SIDES: readonly Side[] = ["ce", "pe"];

export interface LiveCells {
  row: ChainRow;
  exchange: string;
  columns: readonly ChainColumn[];
  mode: Mode;
  /** The most open interest of the chain, in units: what the longest bar stands for. */
  mostOi: number;
  onMove: () => void;
}

/**
 * Writes both sides of a strike into the elements of `place` with `data-cell="ce.ltp"`, and into the bars
 * with `data-bar="ce"`: React does not hear of ticks. Returns what a side shows now.
 *
 * What was heard stays when the reply is renewed: the newer of both counts.
 */
export function useLiveCells(
  place: RefObject<HTMLElement | null>,
  { row, exchange, columns, mode, mostOi, onMove }: LiveCells,
): (side: Side) => ShownLeg | null {
  const heard = useRef<Partial<Record<Side, Tick>>>({}).current;
  const paint = useRef<(side: Side) => void>(() => {});
  const names = { ce: row.ce?.symbol, pe: row.pe?.symbol };
  useLayoutEffect(() => {
    const cells = new Map<string | undefined, HTMLElement>();
    for (const cell of place.current?.querySelectorAll<HTMLElement>("[data-cell]") ?? []) {
      cells.set(cell.dataset.cell, cell);
    }
    const bars = new Map<string | undefined, HTMLElement>();
    for (const bar of place.current?.querySelectorAll<HTMLElement>("[data-bar]") ?? []) {
      bars.set(bar.dataset.bar, bar);
    }
    paint.current = (side) => {
      const leg = row[side];
      if (leg === null) return;
      const shown = shownOf(leg, heard[side]);
      for (const column of columns) {
        const cell = cells.get(`${side}.${column.id}`);
        const text = column.text(shown, leg);
        if (cell && cell.textContent !== text) cell.textContent = text;
      }
      const bar = bars.get(side);
      if (bar) bar.style.width = mostOi > 0 ? `${((shown.oi ?? 0) / mostOi) * 100}%` : "0";
    };
    for (const side of SIDES) paint.current(side);
  }, [row, columns, mostOi, place, heard]);
  const { ce, pe } = names;
  useEffect(() => {
    const stops = SIDES.map((side) => {
      delete heard[side];
      const symbol = side === "ce" ? ce : pe;
      if (symbol === undefined) return () => {};
      return ticks.watch({ symbol, exchange }, mode, (tick) => {
        heard[side] = tick;
        paint.current(side);
        onMove();
      });
    });
    return () => {
      for (const stop of stops) stop();
    };
  }, [ce, pe, exchange, mode, heard, onMove]);
  return (side) => {
    const leg = row[side];
    return leg && shownOf(leg, heard[side]);
  };
}
