import { useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import { directionOf, formatNumber, formatPercent, type Numeric } from "@/lib/numbers";
import { useStore } from "@/lib/store";
import { type Tick, ticks } from "@/live";
import { changeOf } from "./change";

/** What is known before the first tick. */
export interface Known {
  ltp?: Numeric;
  prev_close?: Numeric;
}

/**
 * The last price, written straight into the page with each tick: React does not hear of it.
 *
 * Prices that may be old are drawn faint, with a word for it.
 */
export function LivePrice({
  symbol,
  exchange,
  known,
  withChange = false,
  decimals = 2,
}: {
  symbol: string;
  exchange: string;
  known?: Known;
  withChange?: boolean;
  decimals?: number;
}) {
  const price = useRef<HTMLSpanElement>(null);
  const change = useRef<HTMLSpanElement>(null);
  const stale = useStore(ticks.stale);
  const ltp = known?.ltp ?? null;
  const close = known?.prev_close ?? null;
  useEffect(() => {
    const show = (value: Numeric, before: Numeric) => {
      if (price.current) price.current.textContent = formatNumber(value, { decimals });
      if (change.current) showChange(change.current, changeOf(value, before));
    };
    show(ltp, close);
    return ticks.watch({ symbol, exchange }, withChange ? "Quote" : "LTP", (tick: Tick) =>
      show(tick.ltp ?? ltp, tick.prev_close ?? tick.close ?? close),
    );
  }, [symbol, exchange, ltp, close, withChange, decimals]);
  return (
    <span className={cn("num", stale && "opacity-60")} title={stale ? "May be old" : undefined}>
      <span ref={price} />
      {withChange && <span ref={change} className="ml-2 inline-block min-w-20 text-right" />}
      {stale && <span className="sr-only"> (may be old)</span>}
    </span>
  );
}

/** The price of a row that came with one. */
export function RowPrice({ row }: { row: { symbol: string; exchange: string; ltp?: Numeric } }) {
  return <LivePrice symbol={row.symbol} exchange={row.exchange} known={{ ltp: row.ltp ?? null }} />;
}

function showChange(place: HTMLElement, percent: number | null): void {
  const direction = directionOf(percent);
  const arrow = direction > 0 ? " ▲" : direction < 0 ? " ▼" : "";
  place.textContent = `${formatPercent(percent)}${arrow}`;
  place.classList.toggle("text-gain", direction > 0);
  place.classList.toggle("text-loss", direction < 0);
}
