import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import { formatQuantity, UNKNOWN } from "@/lib/numbers";
import { useStore } from "@/lib/store";
import { type Instrument, ticks } from "@/live";
import { LivePrice } from "../market/live-price";
import type { PriceGrid } from "../ticket/price-grid";
import { quoteQuery, useMarketKey } from "./queries";

const FIGURES = [
  { name: "open", title: "Open" },
  { name: "close", title: "Prev" },
  { name: "high", title: "High" },
  { name: "low", title: "Low" },
  { name: "volume", title: "Volume" },
  { name: "oi", title: "Open interest" },
] as const;

type Quote = Partial<Record<(typeof FIGURES)[number]["name"] | "ltp", number>>;

/** What the day of an instrument has been so far, written into the page as it goes on. */
export function QuotePanel({
  instrument: { symbol, exchange },
  grid,
  className,
}: {
  instrument: Instrument;
  grid: PriceGrid;
  className?: string;
}) {
  const place = useRef<HTMLElement>(null);
  const stale = useStore(ticks.stale);
  const { data: known } = useQuery(quoteQuery(useMarketKey(), { symbol, exchange }));
  useEffect(() => {
    const before: Quote = known ? { ...known, close: known.prev_close } : {};
    const show = (quote: Quote) => place.current && write(place.current, quote, grid);
    show(before);
    return ticks.watch({ symbol, exchange }, "Quote", (tick) =>
      show({ ...before, ...tick, close: tick.prev_close ?? tick.close ?? before.close ?? 0 }),
    );
  }, [symbol, exchange, grid, known]);
  return (
    <section
      ref={place}
      aria-label={`Quote of ${symbol}`}
      className={cn("grid gap-2 p-2", className)}
    >
      <p className="flex flex-wrap items-baseline justify-between gap-x-2">
        <span className="font-semibold">
          {symbol} <span className="text-xs font-normal text-quiet">{exchange}</span>
        </span>
        <span className="text-base font-semibold">
          <LivePrice
            symbol={symbol}
            exchange={exchange}
            decimals={grid.decimals}
            withChange
            {...(known ? { known } : {})}
          />
        </span>
      </p>
      <div
        className="relative mx-1 h-1.5 rounded-full bg-raised"
        role="img"
        aria-label="The last price between the day's low and high"
      >
        <span
          data-figure="range"
          className="absolute -top-1 -ml-1 hidden h-3.5 w-2 rounded-sm bg-accent"
        />
      </div>
      <dl
        className={cn(
          "grid grid-cols-[repeat(2,minmax(0,1fr))] gap-x-3 gap-y-0.5 text-[13px]",
          stale && "opacity-60",
        )}
        title={stale ? "May be old" : undefined}
      >
        {FIGURES.map(({ name, title }) => (
          <div
            key={name}
            className={cn("flex justify-between gap-2", isCount(name) && "col-span-2")}
          >
            <dt className="text-quiet">{title}</dt>
            <dd data-figure={name} className="num" />
          </div>
        ))}
      </dl>
    </section>
  );
}

function isCount(name: string): boolean {
  return name === "volume" || name === "oi";
}

function write(place: HTMLElement, quote: Quote, grid: PriceGrid): void {
  for (const { name } of FIGURES) {
    const cell = place.querySelector(`[data-figure=${name}]`);
    const text = quote[name]
      ? isCount(name)
        ? formatQuantity(quote[name])
        : grid.format(quote[name])
      : UNKNOWN;
    if (cell && cell.textContent !== text) cell.textContent = text;
  }
  const mark = place.querySelector<HTMLElement>("[data-figure=range]");
  const { high, low, ltp } = quote;
  const known = high !== undefined && low !== undefined && ltp !== undefined && high > low;
  mark?.classList.toggle("hidden", !known);
  if (!known || mark === null) return;
  const share = Math.min(1, Math.max(0, (ltp - low) / (high - low)));
  mark.style.left = `${(share * 100).toFixed(1)}%`;
}
