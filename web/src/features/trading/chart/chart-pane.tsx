import { useQuery } from "@tanstack/react-query";
import { lazy, type RefObject, Suspense, useMemo } from "react";
import type { MarketHours } from "@/client";
import { EmptyState, ErrorState, Skeleton } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { useStore } from "@/lib/store";
import { formatTime } from "@/lib/times";
import { type Instrument, ticks } from "@/live";
import { useAccountKey } from "../../accounts/queries";
import { positionsQuery } from "../../dashboard/queries";
import { LivePrice } from "../../market/live-price";
import { ordersQuery } from "../../orders/queries";
import { contractQuery } from "../../ticket/queries";
import { dayNumber, type Interval, intervalOf, sessionDay } from "../candles/candle";
import { waitingOrders } from "../order-levels";
import type { Pane } from "../settings";
import { type Candles, useCandles } from "../use-candles";
import type { ChartHandle } from "./chart-canvas";

const ChartCanvas = lazy(() =>
  import("./chart-canvas").then(({ ChartCanvas }) => ({ default: ChartCanvas })),
);

/** One chart: of one instrument, in one interval. */
export function ChartPane({
  pane,
  chosen,
  onChoose,
  handle,
}: {
  pane: Pane;
  /** Whether the tools are for this one; `null` where it is the only one. */
  chosen: boolean | null;
  onChoose: () => void;
  /** Where to leave what the tools may do with the chart. */
  handle: RefObject<ChartHandle | null> | undefined;
}) {
  const { symbol, exchange, interval } = pane;
  const known = intervalOf(interval);
  return (
    <section
      aria-label={`Chart of ${symbol} ${exchange}, ${interval}`}
      data-symbol={symbol}
      data-exchange={exchange}
      className={cn(
        "relative flex min-h-0 min-w-0 flex-col overflow-hidden rounded-lg border border-line bg-surface",
        chosen && "border-accent",
      )}
      onPointerDownCapture={onChoose}
      onFocusCapture={onChoose}
    >
      {chosen !== null && (
        <header className="flex items-baseline gap-2 border-b border-line px-2 py-1 text-[13px]">
          <button type="button" aria-pressed={chosen} className="rounded font-semibold">
            {symbol}
            <span className="sr-only">: use the tools for this chart</span>
          </button>
          <span className="text-xs text-quiet">
            {exchange} · {interval}
          </span>
          <span className="ml-auto text-[13px]">
            <LivePrice symbol={symbol} exchange={exchange} withChange />
          </span>
        </header>
      )}
      <div className="relative min-h-0 flex-1">
        {known && (
          <Chart
            key={`${exchange}:${symbol}:${interval}`}
            pane={pane}
            interval={known}
            handle={handle}
          />
        )}
      </div>
    </section>
  );
}

function Chart({
  pane,
  interval,
  handle,
}: {
  pane: Pane;
  interval: Interval;
  /** Where to leave what the tools may do with the chart. */
  handle: RefObject<ChartHandle | null> | undefined;
}) {
  const { symbol, exchange } = pane;
  const instrument: Instrument = useMemo(() => ({ symbol, exchange }), [symbol, exchange]);
  const key = useAccountKey();
  const contract = useQuery(contractQuery(key, instrument));
  const candles = useCandles(instrument, interval);
  const { data: book } = useQuery(ordersQuery(key));
  const { data: held } = useQuery(positionsQuery(key));
  const orders = useMemo(
    () => waitingOrders(book?.data.orders ?? [], instrument),
    [book, instrument],
  );
  const positions = useMemo(
    () =>
      (held?.data ?? []).filter(
        (row) => row.symbol === symbol && row.exchange === exchange && row.quantity !== 0,
      ),
    [held, symbol, exchange],
  );
  const stale = useStore(ticks.stale);
  const failure = contract.error ?? (candles.phase === "failed" ? candles.error : null);
  if (failure) {
    const retry = () => {
      if (contract.isError) void contract.refetch();
      candles.retry();
    };
    return (
      <div className="grid h-full place-items-center">
        <ErrorState error={failure} onRetry={retry} />
      </div>
    );
  }
  if (candles.phase === "empty") return <NoCandles pane={pane} candles={candles} />;
  if (contract.data === undefined || candles.phase === "loading") return <Waiting />;
  return (
    <Suspense fallback={<Waiting />}>
      <ChartCanvas
        pane={pane}
        candles={candles}
        grid={contract.data.grid}
        orders={orders}
        positions={positions}
        handle={handle}
      />
      <Session candles={candles} stale={stale} />
    </Suspense>
  );
}

/** Why the last candle stands still, if it does. */
function Session({ candles: { hours, error }, stale }: { candles: Candles; stale: boolean }) {
  const text = error
    ? `Not up to date: ${error.message}`
    : stale
      ? "Prices may be old"
      : hours && isClosed(hours)
        ? `Market closed${hours.next_open ? `, opens ${formatTime(hours.next_open)} IST` : ""}`
        : null;
  if (text === null) return null;
  return (
    <p
      role="status"
      className="pointer-events-none absolute bottom-9 left-2 z-[4] max-w-[80%] rounded bg-warn-soft px-1.5 py-0.5 text-xs text-warn"
    >
      {text}
    </p>
  );
}

/** Whether nothing trades now; of a market that plays another day nobody here can tell. */
function isClosed({ day, sessions }: MarketHours): boolean {
  const now = Date.now() / 1_000;
  const open = sessions.some(({ opens, closes }) => opens <= now && now < closes);
  return !open && dayNumber(day) === sessionDay(now);
}

function NoCandles({ pane, candles }: { pane: Pane; candles: Candles }) {
  const { hours } = candles;
  return (
    <div className="grid h-full place-items-center">
      <EmptyState title={`No ${pane.interval} candles of ${pane.symbol}`}>
        It has not traded for weeks, or the broker keeps no candles of it.
        {hours?.sessions.length === 0 &&
          ` ${pane.exchange} is closed today${hours.next_open ? `; it opens ${formatTime(hours.next_open)} IST` : ""}.`}{" "}
        The first trade begins a candle here.
      </EmptyState>
    </div>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label="Loading" className="flex h-full flex-col gap-2 p-3">
      <Skeleton className="mt-10 h-auto flex-4" />
      <Skeleton className="h-auto flex-1" />
    </div>
  );
}
