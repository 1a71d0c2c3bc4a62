import { useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import { type Instrument, type Tick, ticks } from "@/live";
import { askForOrder } from "../ticket/ask";
import { isTradable } from "../ticket/contract";
import type { PriceGrid } from "../ticket/price-grid";

const SIDES = [
  { action: "SELL", title: "Sell", field: "bid_price", look: "bg-loss text-surface" },
  { action: "BUY", title: "Buy", field: "ask_price", look: "bg-accent text-on-accent" },
] as const;

/** Sell at the bid and buy at the ask, as they stand now. They open the ticket. */
export function TradeButtons({
  instrument: { symbol, exchange },
  grid,
  className,
}: {
  instrument: Instrument;
  grid: PriceGrid;
  className?: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const newest = useRef<Tick | undefined>(undefined);
  useEffect(() => {
    const show = (tick: Tick | undefined) => {
      newest.current = tick;
      for (const { action, field } of SIDES) {
        const cell = place.current?.querySelector(`[data-side=${action}]`);
        const text = grid.format(tick?.[field]);
        if (cell && cell.textContent !== text) cell.textContent = text;
      }
    };
    show(undefined);
    return ticks.watch({ symbol, exchange }, "Quote", show);
  }, [symbol, exchange, grid]);
  if (!isTradable(exchange)) {
    return <p className="self-center text-[13px] text-quiet">An index cannot be traded itself</p>;
  }
  return (
    <div ref={place} className={cn("grid grid-cols-2 gap-1.5", className)}>
      {SIDES.map(({ action, title, field, look }) => (
        <button
          key={action}
          type="button"
          onClick={() => {
            const price = newest.current?.[field];
            askForOrder({
              symbol,
              exchange,
              action,
              ...(price ? { pricetype: "LIMIT", price } : {}),
            });
          }}
          className={cn(
            "flex h-9 min-w-26 items-center justify-between gap-2 rounded-md px-2.5 font-semibold hover:opacity-90",
            look,
          )}
        >
          {title} <span data-side={action} className="num" />
        </button>
      ))}
    </div>
  );
}
