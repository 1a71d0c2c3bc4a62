import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { ChainRow } from "@/client";
import { cn } from "@/lib/cn";
import { ticks } from "@/live";
import { mostOi } from "./chain-figures";
import { ChainTableRow } from "./chain-row";
import { type ChainColumn, type ChainView, fitting, STRIKE_WIDTH } from "./columns";
import type { Side } from "./live-cells";
import { shownOf } from "./live-leg";
import { trade } from "./trade";

const ROW_HEIGHT = 30;
/** Of the two lines above the rows, which stay in sight. */
const HEAD_HEIGHT = 54;
const OVERSCAN = 6;
const PAGE = 10;

/** Calls left, puts right, strikes between them. Only the rows in sight are drawn and watched. */
export function ChainTable({
  rows,
  exchange,
  money,
  view,
  columns: wanted,
  onMove,
}: {
  rows: readonly ChainRow[];
  exchange: string;
  /** The strike at the money. */
  money: number;
  view: ChainView;
  columns: readonly ChainColumn[];
  onMove: () => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const room = useWidth(scroller);
  const columns = useMemo(() => fitting(wanted, room), [wanted, room]);
  const most = useMemo(() => mostOi(rows), [rows]);
  const middle = rows.findIndex(({ strike }) => strike === money);
  const mode = view === "price" ? "Depth" : "Quote";
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    scrollPaddingEnd: HEAD_HEIGHT,
    getItemKey: (index) => rows[index]?.strike ?? index,
  });
  const [at, reach] = useState<{ strike: number; side: Side }>({ strike: money, side: "ce" });
  const reached = rows.some(({ strike }) => strike === at.strike) ? at : { ...at, strike: money };
  const first = rows[0]?.strike;
  // To the money, but only once for each chain: afterwards the user decides where to look.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first strike stands for the chain
  useEffect(() => {
    if (middle >= 0) virtual.scrollToIndex(middle, { align: "center" });
  }, [first, rows.length, room > 0]);

  // Where the focus goes with the next frame, when the row has yet to be drawn.
  const onItsWay = useRef<{ strike: number; side: Side } | null>(null);
  const focus = (strike: number, side: Side) => {
    reach({ strike, side });
    virtual.scrollToIndex(rows.findIndex((row) => row.strike === strike));
    const selector = `tr[data-strike="${strike}"] td[data-side="${side}"]`;
    const cell = () => scroller.current?.querySelector<HTMLElement>(selector);
    const drawn = cell();
    onItsWay.current = drawn ? null : { strike, side };
    if (drawn) {
      drawn.focus({ preventScroll: true });
      return;
    }
    requestAnimationFrame(() => {
      onItsWay.current = null;
      cell()?.focus({ preventScroll: true });
    });
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = (event.target as HTMLElement).closest<HTMLElement>("td[data-side]");
    const away = onItsWay.current;
    const strike = away?.strike ?? Number(cell?.closest<HTMLElement>("tr")?.dataset.strike);
    const side = away?.side ?? (cell?.dataset.side as Side | undefined);
    const index = rows.findIndex((row) => row.strike === strike);
    const row = rows[index];
    if (row === undefined || side === undefined) return;
    const step = STEPS[event.key];
    const key = event.key.toLowerCase();
    if (step !== undefined) {
      const next = rows[Math.min(Math.max(index + step, 0), rows.length - 1)];
      if (next) focus(next.strike, side);
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      focus(row.strike, event.key === "ArrowLeft" ? "ce" : "pe");
    } else if (key === "b" || key === "s") {
      const leg = row[side];
      // What is not seen yet is not traded.
      if (leg && away === null && !event.repeat) {
        const shown = shownOf(leg, ticks.peek({ symbol: leg.symbol, exchange }, mode));
        trade(leg, shown, exchange, key === "b" ? "BUY" : "SELL");
      }
    } else {
      return;
    }
    event.preventDefault();
    // B and S mean something else everywhere but here.
    event.stopPropagation();
  };

  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const span = 2 * columns.length + 1;
  const width = STRIKE_WIDTH + 2 * columns.reduce((sum, column) => sum + column.width, 0);
  return (
    <div
      ref={scroller}
      className="max-h-[calc(100dvh-6rem)] min-h-72 overflow-auto lg:max-h-[calc(100dvh-20.5rem)]"
    >
      {room > 0 && (
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrow keys move in it
          role="grid"
          aria-label="Option chain"
          aria-rowcount={rows.length + 2}
          className="table-fixed border-separate border-spacing-0 text-[13px]"
          style={{ width: Math.max(width, room) }}
          onKeyDown={press}
        >
          <colgroup>
            {columns.map(({ id, width: size }) => (
              <col key={id} style={{ width: size }} />
            ))}
            <col style={{ width: STRIKE_WIDTH }} />
            {[...columns].reverse().map(({ id, width: size }) => (
              <col key={id} style={{ width: size }} />
            ))}
          </colgroup>
          <thead className="sticky top-0 z-10 bg-surface">
            <tr>
              <SideHead span={columns.length}>Calls (CE)</SideHead>
              <td className="border-x border-b border-line bg-raised" />
              <SideHead span={columns.length}>Puts (PE)</SideHead>
            </tr>
            <tr>
              {columns.map((column) => (
                <Head key={column.id} column={column} />
              ))}
              <th
                scope="col"
                className="border-x border-b border-line bg-raised px-2 py-1 text-xs font-medium text-quiet"
              >
                Strike
              </th>
              {[...columns].reverse().map((column) => (
                <Head key={column.id} column={column} put />
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <Gap height={before} span={span} />}
            {items.map(({ index, key }) => {
              const row = rows[index];
              return (
                row && (
                  <ChainTableRow
                    key={key}
                    row={row}
                    exchange={exchange}
                    columns={columns}
                    mode={mode}
                    mostOi={most}
                    atTheMoney={row.strike === money}
                    reached={reached.strike === row.strike ? reached.side : null}
                    onMove={onMove}
                  />
                )
              );
            })}
            {after > 0 && <Gap height={after} span={span} />}
          </tbody>
        </table>
      )}
    </div>
  );
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowDown: 1,
  PageUp: -PAGE,
  PageDown: PAGE,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

function SideHead({ span, children }: { span: number; children: string }) {
  return (
    <th
      scope="colgroup"
      colSpan={span}
      className="border-b border-line px-2 py-1 text-center text-xs font-semibold"
    >
      {children}
    </th>
  );
}

function Head({ column: { id, title }, put = false }: { column: ChainColumn; put?: boolean }) {
  return (
    <th
      scope="col"
      className={cn(
        "border-b border-line px-2 py-1 text-xs font-medium whitespace-nowrap text-quiet",
        put && id === "ltp" ? "text-left" : "text-right",
      )}
    >
      {title}
    </th>
  );
}

function Gap({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={span} style={{ height }} />
    </tr>
  );
}

/** How wide `place` is now, in pixels; 0 before it is drawn. */
function useWidth(place: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return width;
}
