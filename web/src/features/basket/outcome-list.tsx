import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { formatQuantity } from "@/lib/numbers";
import { type Outcome, outcome } from "./basket";
import type { Fate } from "./orders";

function wordOf({ reason, unknown, placed }: Fate): string {
  if (reason === null) return "✓ placed";
  if (unknown) return "? unknown";
  return placed > 0 ? "◐ placed in part" : "✕ not placed";
}

/** What became of each leg, and where to look for it. */
export function OutcomeList({ outcome: { legs, paper } }: { outcome: Outcome }) {
  const placed = legs.filter(({ fate }) => fate.reason === null).length;
  return (
    <section aria-label="What became of the basket" className="border-y border-line">
      <header className="flex items-center justify-between gap-2 py-1 pr-1 pl-3">
        <p role="status" className="font-medium">
          {placed} of {legs.length} {legs.length === 1 ? "leg" : "legs"} placed{" "}
          {paper ? "on paper" : "with real money"}
        </p>
        <Button
          kind="ghost"
          size="small"
          aria-label="Close the result"
          onClick={() => outcome.set(null)}
        >
          <X />
        </Button>
      </header>
      <ul>
        {legs.map(({ leg, fate }, place) => {
          const tone =
            fate.reason === null ? "text-gain" : fate.unknown ? "text-warn" : "text-loss";
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
              key={place}
              className="grid border-t border-line/60 px-3 py-1.5 text-[13px]"
            >
              <span>
                <span className={cn("mr-2 font-medium", tone)}>{wordOf(fate)}</span>
                {leg.action} {leg.symbol}
              </span>
              <span className="text-quiet">
                {fate.reason !== null && fate.placed > 0 && (
                  <>{formatQuantity(fate.placed)} units placed; of the rest: </>
                )}
                {fate.reason ?? `Order ${fate.orderIds.join(", ")}`}
              </span>
            </li>
          );
        })}
      </ul>
      <p className="border-t border-line/60 px-3 py-1.5 text-[13px]">
        <Link to="/orderbook" className="underline">
          Follow them in the order book
        </Link>
      </p>
    </section>
  );
}
