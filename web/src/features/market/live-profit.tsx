import { useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import { directionOf, formatMoney } from "@/lib/numbers";
import { ticks } from "@/live";
import { type Held, profitAt } from "./profit";

interface Position extends Held {
  symbol: string;
  exchange: string;
}

/** Today's profit of these positions together, moving with their prices. */
export function LiveProfit({
  positions,
  className,
}: {
  positions: readonly Position[];
  className?: string;
}) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const prices = new Map<Position, number | undefined>();
    const show = () => {
      let sum: number | null = 0;
      for (const position of positions) {
        const profit = profitAt(position, prices.get(position));
        sum = sum === null || profit === null ? null : sum + profit;
      }
      if (place.current) showProfit(place.current, sum);
    };
    show();
    let due = false;
    // Hundreds of prices come in one frame, and their sum is wanted once.
    const showSoon = () => {
      if (due) return;
      due = true;
      queueMicrotask(() => {
        due = false;
        show();
      });
    };
    const stops = positions
      .filter(({ quantity }) => quantity !== 0)
      .map((position) =>
        ticks.watch(position, "LTP", ({ ltp }) => {
          prices.set(position, ltp);
          showSoon();
        }),
      );
    return () => {
      for (const stop of stops) stop();
    };
  }, [positions]);
  return <span ref={place} className={cn("num", className)} />;
}

function showProfit(place: HTMLElement, profit: number | null): void {
  const direction = directionOf(profit === null ? null : Math.round(profit * 100));
  const arrow = direction > 0 ? " ▲" : direction < 0 ? " ▼" : "";
  place.textContent = `${formatMoney(profit, { signed: true })}${arrow}`;
  place.classList.toggle("text-gain", direction > 0);
  place.classList.toggle("text-loss", direction < 0);
}
