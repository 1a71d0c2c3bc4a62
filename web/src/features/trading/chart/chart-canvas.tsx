import { type RefObject, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import type { OrderRow, PositionRow } from "@/client";
import type { Instrument } from "@/live";
import { isTradable } from "../../ticket/contract";
import type { PriceGrid } from "../../ticket/price-grid";
import { levelOf } from "../order-levels";
import type { Pane } from "../settings";
import type { Candles } from "../use-candles";
import { useColours } from "./colours";
import { IndicatorNames, Legend, type Pointer } from "./legend";
import { OrderChip, PositionChip } from "./level-chips";
import { PriceMenu, type Spot } from "./price-menu";
import { ChartView } from "./view";

const LONG_PRESS = 550;
const STILL = 8;

export interface ChartHandle {
  picture(): HTMLCanvasElement | undefined;
}

/** The drawn chart, with the orders and the position of its instrument. */
export function ChartCanvas({
  pane,
  candles: { book, loadOlder },
  grid,
  orders,
  positions,
  handle,
}: {
  pane: Pane;
  candles: Candles;
  grid: PriceGrid;
  orders: readonly OrderRow[];
  positions: readonly PositionRow[];
  /** Where to leave what the tools may do with the chart. */
  handle: RefObject<ChartHandle | null> | undefined;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<ChartView | null>(null);
  const [pointer] = useState<Pointer>(() => ({ at: null, listener: null }));
  const older = useRef(loadOlder);
  useEffect(() => {
    older.current = loadOlder;
  }, [loadOlder]);
  useEffect(() => {
    if (place.current === null) return;
    const made = new ChartView(place.current, book, {
      nearStart: () => older.current(),
      pointed: (at) => {
        if (pointer.at === at) return;
        pointer.at = at;
        pointer.listener?.();
      },
    });
    setView(made);
    return () => {
      setView(null);
      made.remove();
    };
  }, [book, pointer]);
  useImperativeHandle(handle, () => ({ picture: () => view?.picture() }), [view]);

  const colours = useColours();
  const { symbol, exchange, type, indicators } = pane;
  const volume = !exchange.endsWith("_INDEX");
  useEffect(() => {
    const { decimals, size } = grid;
    const formatter = (price: number) => grid.format(price);
    view?.restyle({
      type,
      indicators,
      volume,
      colours,
      priceFormat: { type: "custom", formatter, minMove: size || 10 ** -decimals },
    });
  }, [view, type, indicators, volume, colours, grid]);
  useEffect(() => {
    view?.setMarks([
      ...orders.map((order) => ({
        price: levelOf(order),
        colour: order.action === "BUY" ? colours.accent : colours.loss,
      })),
      ...positions.map(({ average_price: price }) => ({ price, colour: colours.quiet })),
    ]);
  }, [view, orders, positions, colours]);

  const instrument: Instrument = useMemo(() => ({ symbol, exchange }), [symbol, exchange]);
  const [spot, setSpot] = useState<Spot | null>(null);
  const openMenu = (clientX: number, clientY: number) => {
    const corner = place.current?.getBoundingClientRect();
    if (view === null || corner === undefined || !isTradable(exchange)) return;
    const [left, top] = [clientX - corner.left, clientY - corner.top];
    const price = top < view.size.height ? view.priceAt(top) : null;
    if (price !== null && price > 0) setSpot({ left, top, price: Number(grid.snap(price)) });
  };
  return (
    <>
      <div className="absolute inset-x-2 top-1.5 z-[4] pr-16">
        <Legend book={book} pointer={pointer} decimals={grid.decimals} volume={volume} />
        <IndicatorNames indicators={indicators} />
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a shortcut; the ladder and the tools do the same by keyboard */}
      <div
        ref={place}
        className="absolute inset-0"
        {...useLongPress(openMenu)}
        onContextMenu={(event) => {
          event.preventDefault();
          openMenu(event.clientX, event.clientY);
        }}
      />
      {view && (
        <div className="pointer-events-none absolute inset-0 overflow-hidden">
          {orders.map((order) => (
            <OrderChip key={order.orderid} view={view} order={order} grid={grid} />
          ))}
          {positions.map((position) => (
            <PositionChip key={position.product} view={view} position={position} grid={grid} />
          ))}
          <PriceMenu
            spot={spot}
            instrument={instrument}
            grid={grid}
            onClose={() => setSpot(null)}
          />
        </div>
      )}
    </>
  );
}

/** A finger that stays where it is: not all browsers call that a right click. */
function useLongPress(act: (clientX: number, clientY: number) => void) {
  const press = useRef<{ x: number; y: number; timer: ReturnType<typeof setTimeout> } | null>(null);
  const end = () => {
    if (press.current) clearTimeout(press.current.timer);
    press.current = null;
  };
  return {
    onPointerDown: ({ pointerType, clientX: x, clientY: y }: React.PointerEvent) => {
      end();
      if (pointerType !== "touch") return;
      press.current = { x, y, timer: setTimeout(() => act(x, y), LONG_PRESS) };
    },
    onPointerMove: ({ clientX, clientY }: React.PointerEvent) => {
      const from = press.current;
      if (from && Math.hypot(clientX - from.x, clientY - from.y) > STILL) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}
