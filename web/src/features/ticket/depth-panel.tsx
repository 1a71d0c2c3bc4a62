import { useEffect, useRef } from "react";
import type { DepthRow } from "@/client";
import { cn } from "@/lib/cn";
import { formatQuantity } from "@/lib/numbers";
import { useStore } from "@/lib/store";
import { type Instrument, ticks } from "@/live";
import type { PriceGrid } from "./price-grid";

const LEVELS = [0, 1, 2, 3, 4] as const;

interface Level {
  price: number;
  quantity: number;
}
interface Book {
  bids: readonly Level[];
  asks: readonly Level[];
}

/**
 * The five best prices of both sides; a click takes one into the ticket.
 *
 * They are written straight into the page with each tick, as all prices are.
 */
export function DepthPanel({
  instrument: { symbol, exchange },
  grid,
  first,
  onPick,
}: {
  instrument: Instrument;
  grid: PriceGrid;
  first: DepthRow | undefined;
  onPick: (price: number) => void;
}) {
  const table = useRef<HTMLTableElement>(null);
  const book = useRef<Book>({ bids: [], asks: [] });
  const stale = useStore(ticks.stale);
  useEffect(() => {
    const show = (next: Book) => {
      book.current = next;
      if (table.current) paint(table.current, next, grid);
    };
    if (first) show(first);
    return ticks.watch({ symbol, exchange }, "Depth", ({ depth }) => {
      if (depth) show({ bids: depth.buy, asks: depth.sell });
    });
  }, [symbol, exchange, grid, first]);
  const price = (side: "bids" | "asks", level: number) => (
    <button
      type="button"
      data-cell={`${side}-price-${level}`}
      title="Use this price"
      onClick={() => {
        const at = book.current[side][level]?.price;
        if (at) onPick(at);
      }}
      className={cn(
        "num min-h-[24px] w-full rounded px-1 hover:bg-raised",
        side === "bids" ? "text-right text-accent" : "text-left text-loss",
      )}
    >
      —
    </button>
  );
  return (
    <table
      ref={table}
      className={cn("w-full table-fixed text-xs", stale && "opacity-60")}
      title={stale ? "May be old" : undefined}
    >
      <caption className="sr-only">Market depth{stale && " (may be old)"}</caption>
      <thead className="text-quiet">
        <tr>
          <th scope="col" className="text-left font-normal">
            Qty
          </th>
          <th scope="col" className="pr-1 text-right font-normal">
            Bid
          </th>
          <th scope="col" className="pl-1 text-left font-normal">
            Ask
          </th>
          <th scope="col" className="text-right font-normal">
            Qty
          </th>
        </tr>
      </thead>
      <tbody>
        {LEVELS.map((level) => (
          <tr key={level}>
            <td data-cell={`bids-quantity-${level}`} className="num" />
            <td>{price("bids", level)}</td>
            <td>{price("asks", level)}</td>
            <td data-cell={`asks-quantity-${level}`} className="num text-right" />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function paint(table: HTMLTableElement, book: Book, grid: PriceGrid): void {
  for (const cell of table.querySelectorAll<HTMLElement>("[data-cell]")) {
    const [side, what, level] = (cell.dataset.cell ?? "").split("-");
    const at = book[side as keyof Book][Number(level)];
    const text =
      what === "price" ? grid.format(at?.price) : at?.quantity ? formatQuantity(at.quantity) : "";
    if (cell.textContent !== text) cell.textContent = text;
  }
}
