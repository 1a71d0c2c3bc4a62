import { useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import { directionOf, formatNumber, formatPercent, formatQuantity } from "@/lib/numbers";
import type { CandleBook } from "../candles/book";
import { type Indicator, type Look, lookOf, nameOf } from "../indicators/catalogue";

const PRICES = [
  ["O", "Open", "open"],
  ["H", "High", "high"],
  ["L", "Low", "low"],
  ["C", "Close", "close"],
] as const;

/** Which candle the legend tells of: that under the crosshair, else the last one. */
export interface Pointer {
  at: number | null;
  listener: (() => void) | null;
}

/** The candle in figures, written straight into the page. */
export function Legend({
  book,
  pointer,
  decimals,
  volume,
  className,
}: {
  book: CandleBook;
  pointer: Pointer;
  decimals: number;
  volume: boolean;
  className?: string;
}) {
  const place = useRef<HTMLDListElement>(null);
  useEffect(() => {
    const show = () => {
      const fields = place.current?.querySelectorAll("dd");
      const at = pointer.at ?? book.candles.length - 1;
      const candle = book.candles[at];
      if (fields === undefined || candle === undefined) return;
      PRICES.forEach(([, , name], number) => {
        write(fields[number], formatNumber(candle[name], { decimals }));
      });
      const before = book.candles[at - 1]?.close ?? candle.open;
      const change = candle.close - before;
      const direction = directionOf(change);
      const field = fields[PRICES.length];
      write(
        field,
        `${formatNumber(change, { decimals, signed: true })} (${formatPercent((change / before) * 100)})${direction > 0 ? " ▲" : direction < 0 ? " ▼" : ""}`,
      );
      field?.classList.toggle("text-gain", direction > 0);
      field?.classList.toggle("text-loss", direction < 0);
      write(fields[PRICES.length + 1], formatQuantity(candle.volume));
    };
    pointer.listener = show;
    show();
    const stop = book.listen(show);
    return () => {
      stop();
      pointer.listener = null;
    };
  }, [book, pointer, decimals]);
  return (
    <dl
      ref={place}
      className={cn("pointer-events-none flex flex-wrap gap-x-2 text-xs", className)}
      aria-label="Candle"
    >
      {PRICES.map(([letter, title]) => (
        <Figure key={title} letter={letter} title={title} />
      ))}
      <Figure letter="" title="Change" />
      {volume && <Figure letter="Vol" title="Volume" />}
    </dl>
  );
}

const COLOURS: Readonly<Record<Look, string>> = {
  first: "text-accent",
  second: "text-warn",
  third: "text-paper",
  trend: "text-quiet",
  quiet: "text-quiet",
};

/** Which line is which. */
export function IndicatorNames({ indicators }: { indicators: readonly Indicator[] }) {
  if (indicators.length === 0) return null;
  return (
    <ul className="pointer-events-none flex flex-wrap gap-x-2 text-xs" aria-label="Indicators">
      {indicators.map((indicator, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same indicator may be there twice
        <li key={at} className={COLOURS[lookOf(at)]}>
          {nameOf(indicator)}
        </li>
      ))}
    </ul>
  );
}

function Figure({ letter, title }: { letter: string; title: string }) {
  return (
    <div className="flex gap-1">
      <dt className={letter ? "text-quiet" : "sr-only"}>
        <span aria-hidden>{letter}</span>
        <span className="sr-only">{title}</span>
      </dt>
      <dd className="num font-medium" data-figure={title} />
    </div>
  );
}

function write(place: Element | undefined, text: string): void {
  if (place && place.textContent !== text) place.textContent = text;
}
