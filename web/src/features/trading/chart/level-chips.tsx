import { X } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import type { OrderRow, PositionRow } from "@/client";
import { cn } from "@/lib/cn";
import { formatQuantity } from "@/lib/numbers";
import { LiveProfit } from "../../market/live-profit";
import { useCancel } from "../../orders/cancelling";
import { askForOrder, askToModify } from "../../ticket/ask";
import type { PriceGrid } from "../../ticket/price-grid";
import { levelOf, movedTo } from "../order-levels";
import type { ChartView } from "./view";

const MARGIN = 14;
const CHIP =
  "pointer-events-auto flex h-[26px] items-center rounded border bg-surface text-xs shadow-sm [&_button]:h-full [&_button]:min-w-[24px] [&_button]:px-1.5";

/** Puts `element` at the height of `price`; at the edge, marked so, where that is out of sight. */
function put(element: HTMLElement, view: ChartView, price: number): void {
  const height = view.heightOf(price);
  element.hidden = height === null;
  if (height === null) return;
  const { width, height: room } = view.size;
  const lowest = room - MARGIN;
  element.style.width = `${width}px`;
  element.style.transform = `translateY(${Math.min(Math.max(height, MARGIN), lowest)}px)`;
  element.dataset.beyond = height < 0 ? "above" : height > room ? "below" : "";
}

const ROW = "group/chip pointer-events-none absolute top-0 left-0 z-[4] -mt-[13px] flex px-1";

/** An order that waits, at its price. Dragging it only opens the ticket with the new price. */
export function OrderChip({
  view,
  order,
  grid,
}: {
  view: ChartView;
  order: OrderRow;
  grid: PriceGrid;
}) {
  const cancel = useCancel();
  const row = useRef<HTMLDivElement>(null);
  const price = useRef<HTMLSpanElement>(null);
  const moved = useRef<number | null>(null);
  const level = levelOf(order);
  const dragging = useRef<number | null>(null);
  const dropped = useRef(false);
  const show = useRef(() => {});
  useEffect(() => {
    show.current = () => {
      const now = moved.current ?? level;
      if (row.current) put(row.current, view, now);
      row.current?.toggleAttribute("data-moved", moved.current !== null);
      if (price.current) price.current.textContent = grid.format(now);
    };
    return view.follow(() => show.current());
  }, [view, level, grid]);

  const moveTo = (to: number | null) => {
    moved.current = to === level ? null : to;
    show.current();
  };
  const ask = () => {
    const to = moved.current;
    moveTo(null);
    if (to === null) askToModify(order);
    else askToModify(order, movedTo(order, to, grid.decimals));
  };
  const drag = (event: React.PointerEvent) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const top = row.current?.parentElement?.getBoundingClientRect().top ?? 0;
    const at = view.priceAt(event.clientY - top);
    if (at !== null) moveTo(Number(grid.snap(at)));
  };
  const press = (event: React.KeyboardEvent) => {
    dropped.current = false;
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (step !== undefined) {
      moveTo(Number(grid.step(String(moved.current ?? level), step)));
    } else if (event.key === "Escape" && moved.current !== null) {
      letGo(event.currentTarget);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  /** The order stays where it is, also when the button of the mouse comes up. */
  const letGo = (button: Element) => {
    moveTo(null);
    const pointer = dragging.current;
    if (pointer === null || !button.hasPointerCapture(pointer)) return;
    button.releasePointerCapture(pointer);
    dropped.current = true;
  };
  const buys = order.action === "BUY";
  return (
    <div ref={row} className={ROW} hidden>
      <div className="absolute inset-x-0 top-[13px] hidden border-t border-dashed border-ink group-data-moved/chip:block" />
      <div
        className={cn(
          CHIP,
          "relative",
          buys ? "border-accent text-accent" : "border-loss text-loss",
        )}
      >
        <button
          type="button"
          className="num cursor-ns-resize touch-none rounded font-medium"
          title="Drag to another price; nothing is sent before you confirm"
          onPointerDown={(event) => {
            dropped.current = false;
            if (event.button !== 0) return;
            dragging.current = event.pointerId;
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={drag}
          onPointerUp={() => {
            dropped.current = moved.current !== null;
            if (dropped.current) ask();
          }}
          onPointerCancel={() => moveTo(null)}
          onBlur={() => moveTo(null)}
          onKeyDown={press}
          onClick={() => {
            // Some browsers click after a drag, others do not.
            if (!dropped.current) ask();
            dropped.current = false;
          }}
        >
          <Beyond />
          {order.action} {formatQuantity(order.pending_quantity)} {order.pricetype}{" "}
          <span ref={price} />
          <span className="sr-only">
            . Enter changes it, arrow keys move it to another price first.
          </span>
        </button>
        <button
          type="button"
          className="grid place-items-center rounded-r border-l border-line hover:bg-raised"
          aria-label={`Cancel ${order.action} ${order.pending_quantity} ${order.pricetype}`}
          disabled={cancel.isPending}
          onClick={() => cancel.mutate(order)}
        >
          <X aria-hidden className="size-3" />
        </button>
      </div>
    </div>
  );
}

/** What is held, at the price it was bought for, with what it makes now. */
export function PositionChip({
  view,
  position,
  grid,
}: {
  view: ChartView;
  position: PositionRow;
  grid: PriceGrid;
}) {
  const row = useRef<HTMLDivElement>(null);
  const { average_price: average, quantity, product, symbol, exchange } = position;
  useEffect(
    () => view.follow(() => row.current && put(row.current, view, average)),
    [view, average],
  );
  return (
    <div ref={row} className={cn(ROW, "justify-end")} hidden>
      <div className={cn(CHIP, "border-ink/40 pl-1.5")}>
        <Beyond />
        <span className="num mr-1.5">
          {formatQuantity(quantity, { signed: true })} {product} @ {grid.format(average)}
        </span>
        <Unrealised position={position} />
        <button
          type="button"
          className="ml-1.5 rounded-r border-l border-line hover:bg-raised"
          onClick={() =>
            askForOrder({
              symbol,
              exchange,
              product,
              action: quantity > 0 ? "SELL" : "BUY",
              quantity: Math.abs(quantity),
            })
          }
        >
          Exit
        </button>
      </div>
    </div>
  );
}

function Unrealised({ position }: { position: PositionRow }) {
  const positions = useMemo(() => [{ ...position, profit: position.unrealized_pnl }], [position]);
  return <LiveProfit positions={positions} />;
}

/** An arrow, where the price is out of sight. */
function Beyond() {
  return (
    <span aria-hidden>
      <span className="mr-1 hidden group-data-[beyond=above]/chip:inline">↑</span>
      <span className="mr-1 hidden group-data-[beyond=below]/chip:inline">↓</span>
    </span>
  );
}
