import { ChevronDown, ChevronUp, Crosshair } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { OrderRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { COARSE, useMedia } from "@/lib/media";
import { formatQuantity } from "@/lib/numbers";
import { useStore } from "@/lib/store";
import { type Level as BookLevel, type Instrument, type Tick, ticks } from "@/live";
import { askForOrder } from "../../ticket/ask";
import type { PriceGrid } from "../../ticket/price-grid";
import { levelOf } from "../order-levels";
import { Level, Mine } from "./cells";
import { GROUPS, groupFor, isAstray, priceOf, rowOf, type Side, type Steps } from "./levels";
import { paint } from "./paint";
import { useRowCount } from "./use-row-count";
import { walk } from "./walk";

const JUMP = 5;
/** Levels of each side that have to be in sight. */
const NEAR = 5;
const ROW = 24;
/** For fingers. */
const TALL_ROW = 34;

/**
 * The book by price, with the user's own orders in it; a click orders at a price.
 *
 * Prices stand still while the pointer or the keyboard is in it, so that nobody hits another row
 * than the one they aim at.
 */
export function Ladder({
  instrument,
  grid,
  orders,
  className,
}: {
  instrument: Instrument;
  grid: PriceGrid;
  orders: readonly OrderRow[];
  className?: string;
}) {
  const room = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const totals = useRef<HTMLParagraphElement>(null);
  const newest = useRef<Tick | undefined>(undefined);
  const busy = useRef(false);
  const height = useMedia(COARSE) ? TALL_ROW : ROW;
  const count = useRowCount(room, height);
  const [chosen, chooseGroup] = useState<number | null>(null);
  const [fitting, setFitting] = useState(1);
  const [centre, setCentre] = useState<number | null>(null);
  const stale = useStore(ticks.stale);
  const { symbol, exchange } = instrument;
  const group = chosen ?? fitting;
  const steps: Steps = useMemo(
    () => ({ tick: grid.size || 10 ** -grid.decimals, decimals: grid.decimals, group }),
    [grid, group],
  );
  const top =
    centre === null || count === null ? null : rowOf(centre, "last", steps) + (count - 1) / 2;
  const shown = useRef({ top, steps, count, free: chosen === null });
  // Rows that have become others show what is known of them at once.
  useEffect(() => {
    shown.current = { top, steps, count, free: chosen === null };
    if (body.current && top !== null && newest.current) {
      paint(body.current.rows, top, newest.current, steps);
    }
  }, [top, steps, count, chosen]);
  useEffect(
    () =>
      ticks.watch({ symbol, exchange }, "Depth", (tick) => {
        newest.current = tick;
        const { top, steps, count, free } = shown.current;
        const { ltp, depth } = tick;
        if (ltp === undefined || count === null) return;
        if (body.current && top !== null) paint(body.current.rows, top, tick, steps);
        if (totals.current) writeTotals(totals.current, tick);
        if (busy.current && top !== null) return;
        if (free) {
          const near = (levels: readonly BookLevel[] = []) => levels.slice(0, NEAR);
          const book = [...near(depth?.buy), ...near(depth?.sell)];
          // Only ever wider, or the ladder would breathe with every tick.
          setFitting((now) => Math.max(now, groupFor(book, steps.tick, count)));
        }
        const middle = top === null ? null : top - (count - 1) / 2;
        const row = rowOf(ltp, "last", steps);
        if (middle === null || isAstray(row, middle, count)) setCentre(ltp);
      }),
    [symbol, exchange],
  );

  const mine = useMemo(() => ordersByRow(orders, steps), [orders, steps]);
  const move = (rows: number) =>
    setCentre((now) => (now === null ? now : now + rows * steps.group * steps.tick));
  const toMiddle = () => setCentre(newest.current?.ltp ?? centre);
  const order = (side: Side, row: number) =>
    askForOrder({
      symbol,
      exchange,
      action: side === "bid" ? "BUY" : "SELL",
      pricetype: "LIMIT",
      price: priceOf(row, steps),
    });
  const press = (event: React.KeyboardEvent) => {
    if (walk(event, move)) return;
    if (event.key === "PageUp") move(JUMP);
    else if (event.key === "PageDown") move(-JUMP);
    else if (event.key === "Home") toMiddle();
    else return;
    event.preventDefault();
  };
  return (
    <section
      aria-label={`Ladder of ${symbol}`}
      className={cn("flex min-h-0 flex-col", className)}
      onPointerEnter={({ pointerType }) => {
        busy.current = pointerType === "mouse";
      }}
      onPointerLeave={() => {
        busy.current = false;
      }}
    >
      <div className="flex items-center gap-1 border-b border-line px-2 py-1">
        <h2 className="mr-auto font-semibold">Ladder</h2>
        <Select
          aria-label="Step between prices"
          className="h-7 w-24 px-1.5 pr-1 text-xs"
          value={chosen ?? ""}
          onChange={({ target }) => {
            chooseGroup(target.value === "" ? null : Number(target.value));
          }}
        >
          <option value="">auto ({grid.format(steps.tick * fitting)})</option>
          {GROUPS.map((each) => (
            <option key={each} value={each}>
              {grid.format(steps.tick * each)}
            </option>
          ))}
        </Select>
        <Button
          kind="ghost"
          size="small"
          className="px-1"
          aria-label="Higher prices"
          onClick={() => move(JUMP)}
        >
          <ChevronUp />
        </Button>
        <Button
          kind="ghost"
          size="small"
          className="px-1"
          aria-label="Lower prices"
          onClick={() => move(-JUMP)}
        >
          <ChevronDown />
        </Button>
        <Button
          kind="ghost"
          size="small"
          className="px-1"
          aria-label="To the last price"
          onClick={toMiddle}
        >
          <Crosshair />
        </Button>
      </div>
      <div ref={room} className="min-h-0 flex-1 overflow-hidden">
        <table
          className={cn("w-full table-fixed text-xs", stale && "opacity-60")}
          title={stale ? "May be old" : undefined}
        >
          <caption className="sr-only">
            Prices with what waits at them{stale && " (may be old)"}. Arrow keys move, Enter orders.
          </caption>
          <colgroup>
            <col className="w-11" />
            <col />
            <col className="w-18" />
            <col />
            <col className="w-11" />
          </colgroup>
          <thead className="sr-only">
            <tr>
              <th scope="col">Your buys</th>
              <th scope="col">Bids</th>
              <th scope="col">Price</th>
              <th scope="col">Asks</th>
              <th scope="col">Your sells</th>
            </tr>
          </thead>
          <tbody
            ref={body}
            onKeyDown={press}
            onFocus={() => {
              busy.current = true;
            }}
            onBlur={() => {
              busy.current = false;
            }}
          >
            {top !== null &&
              count !== null &&
              Array.from({ length: count }, (_, place) => {
                const row = top - place;
                const price = priceOf(row, steps);
                return (
                  <tr
                    // biome-ignore lint/suspicious/noArrayIndexKey: rows stay where they are, their prices change
                    key={place}
                    className="group/row data-last:bg-warn-soft"
                    style={{ height }}
                  >
                    <Mine orders={mine.get(row)} action="BUY" />
                    <Level
                      side="bid"
                      price={grid.format(price)}
                      first={place === (count - 1) / 2}
                      onOrder={() => order("bid", row)}
                    />
                    <th
                      scope="row"
                      className="num text-center font-normal group-data-last/row:font-bold"
                    >
                      {price > 0 ? grid.format(price) : ""}
                    </th>
                    <Level
                      side="ask"
                      price={grid.format(price)}
                      onOrder={() => order("ask", row)}
                    />
                    <Mine orders={mine.get(row)} action="SELL" />
                  </tr>
                );
              })}
          </tbody>
        </table>
        {top === null && (
          <p role="status" className="p-4 text-center text-quiet">
            Waiting for the order book of {symbol}.
          </p>
        )}
      </div>
      <p
        ref={totals}
        className="flex justify-between gap-2 border-t border-line px-2 py-1.5 text-xs"
      >
        <span className="text-accent">
          Bids <span className="num font-medium" data-total="bid" />
        </span>
        <span className="text-loss">
          Asks <span className="num font-medium" data-total="ask" />
        </span>
      </p>
    </section>
  );
}

function ordersByRow(orders: readonly OrderRow[], steps: Steps): Map<number, OrderRow[]> {
  const found = new Map<number, OrderRow[]>();
  for (const order of orders) {
    const row = rowOf(levelOf(order), order.action === "BUY" ? "bid" : "ask", steps);
    found.set(row, [...(found.get(row) ?? []), order]);
  }
  return found;
}

function writeTotals(place: HTMLElement, tick: Tick): void {
  const sum = (levels: readonly { quantity: number }[] | undefined) =>
    levels?.reduce((all, { quantity }) => all + quantity, 0);
  const figures = {
    bid: tick.total_buy_quantity ?? sum(tick.depth?.buy),
    ask: tick.total_sell_quantity ?? sum(tick.depth?.sell),
  };
  for (const side of ["bid", "ask"] as const) {
    const cell = place.querySelector(`[data-total=${side}]`);
    if (cell) cell.textContent = formatQuantity(figures[side]);
  }
}
