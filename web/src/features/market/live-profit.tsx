import { useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import { directionOf, formatMoney, formatPercent } from "@/lib/numbers";
import { useStore } from "@/lib/store";
import { ticks } from "@/live";
import { type Held, profitAt } from "./profit";

interface Position extends Held {
  symbol: string;
  exchange: string;
}

interface LiveProps {
  positions: readonly Position[];
  className?: string;
}

/** The profit of these positions together, moving with their prices. */
export function LiveProfit(props: LiveProps) {
  return <LiveSum {...props} write={writeProfit} />;
}

/** What these are worth together, moving with their prices. */
export function LiveMoney(props: LiveProps) {
  return <LiveSum {...props} write={writeMoney} />;
}

/** The same of numbers that are percents. */
export function LivePercent(props: LiveProps) {
  return <LiveSum {...props} write={writePercent} />;
}

/** Written straight into the page: React does not hear of ticks. */
function LiveSum({
  positions,
  className,
  write,
}: LiveProps & { write: (place: HTMLElement, sum: number | null) => void }) {
  const place = useRef<HTMLSpanElement>(null);
  const stale = useStore(ticks.stale);
  const moving = positions.some(({ quantity }) => quantity !== 0);
  useEffect(() => {
    const prices = new Map<Position, number | undefined>();
    let waiting = false;
    const show = () => {
      waiting = false;
      let sum: number | null = 0;
      for (const position of positions) {
        const profit = profitAt(position, prices.get(position));
        sum = sum === null || profit === null ? null : sum + profit;
      }
      if (place.current) write(place.current, sum);
    };
    show();
    const stops = positions
      .filter(({ quantity }) => quantity !== 0)
      .map((position) =>
        ticks.watch(position, "LTP", ({ ltp }) => {
          prices.set(position, ltp);
          // All prices of a frame come one by one: they are added up once.
          if (!waiting) queueMicrotask(show);
          waiting = true;
        }),
      );
    return () => {
      for (const stop of stops) stop();
    };
  }, [positions, write]);
  const old = stale && moving;
  return (
    <span
      className={cn("num", old && "opacity-60", className)}
      title={old ? "May be old" : undefined}
    >
      <span ref={place} />
      {old && <span className="sr-only"> (may be old)</span>}
    </span>
  );
}

function writeProfit(place: HTMLElement, profit: number | null): void {
  writeSwing(place, profit, formatMoney(profit, { signed: true }));
}

function writePercent(place: HTMLElement, percent: number | null): void {
  writeSwing(place, percent, formatPercent(percent));
}

function writeMoney(place: HTMLElement, value: number | null): void {
  place.textContent = formatMoney(value);
}

function writeSwing(place: HTMLElement, value: number | null, text: string): void {
  const direction = directionOf(value === null ? null : Math.round(value * 100));
  const arrow = direction > 0 ? " ▲" : direction < 0 ? " ▼" : "";
  place.textContent = `${text}${arrow}`;
  place.classList.toggle("text-gain", direction > 0);
  place.classList.toggle("text-loss", direction < 0);
}
