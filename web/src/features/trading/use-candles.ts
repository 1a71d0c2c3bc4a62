import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { MarketHours } from "@/client";
import { type Instrument, ticks } from "@/live";
import { CandleBook } from "./candles/book";
import { dayNumber, type Interval, sessionDay } from "./candles/candle";
import { hoursQuery, newestQuery, olderCandles, useMarketKey } from "./queries";

const MOST_EMPTY = 2;

export interface Candles {
  book: CandleBook;
  phase: "loading" | "failed" | "empty" | "ready";
  error: Error | null;
  hours: MarketHours | undefined;
  retry: () => void;
  /** Asks for candles before the oldest; safe to call at every turn. */
  loadOlder: () => void;
}

/** The candles of an instrument, going on with its live prices. Use it with a `key` of both. */
export function useCandles(instrument: Instrument, interval: Interval): Candles {
  const key = useMarketKey();
  const [book] = useState(() => new CandleBook(interval));
  const hours = useQuery(hoursQuery(key, instrument.exchange));
  const today = hours.data?.day;
  const [since, setSince] = useState(today);
  if (since === undefined && today !== undefined) setSince(today);
  const newest = useQuery({
    ...newestQuery(key, instrument, interval, since ?? "", today ?? ""),
    enabled: since !== undefined && today !== undefined,
  });
  useEffect(() => {
    if (newest.data) book.load(newest.data.candles);
  }, [book, newest.data]);
  useLivePrices(book, instrument, hours.data, hours.refetch);
  useRefetchAfterGap(newest.refetch);
  const loadOlder = useOlder(book, instrument, interval, newest.data?.range.start);
  const filled = useSyncExternalStore(
    useCallback((listener) => book.listen(listener), [book]),
    () => book.candles.length > 0,
  );
  const error = hours.error ?? newest.error;
  return {
    book,
    phase: filled ? "ready" : error ? "failed" : newest.isSuccess ? "empty" : "loading",
    error,
    hours: hours.data,
    retry: () => void (hours.isError ? hours.refetch() : newest.refetch()),
    loadOlder,
  };
}

function useLivePrices(
  book: CandleBook,
  instrument: Instrument,
  hours: MarketHours | undefined,
  askHours: () => void,
): void {
  const { symbol, exchange } = instrument;
  useEffect(() => {
    if (hours === undefined) return;
    const today = dayNumber(hours.day);
    let asked = false;
    return ticks.watch({ symbol, exchange }, "Quote", (tick) => {
      const at = tick.ltt ?? tick.timestamp;
      if (!asked && at !== undefined && sessionDay(at / 1_000) > today) {
        asked = true; // a new day has begun, with hours of its own
        askHours();
      }
      book.take(tick, hours);
    });
  }, [book, symbol, exchange, hours, askHours]);
}

/** Prices were missed: the server knows what they made of the candles. */
function useRefetchAfterGap(refetch: () => unknown): void {
  useEffect(() => {
    let lost = false;
    return ticks.stale.subscribe(() => {
      if (ticks.stale.get()) lost = true;
      else if (lost) refetch();
    });
  }, [refetch]);
}

function useOlder(
  book: CandleBook,
  instrument: Instrument,
  interval: Interval,
  start: string | undefined,
): () => void {
  const client = useQueryClient();
  const [marketName, account] = useMarketKey();
  const { symbol, exchange } = instrument;
  const reached = useRef<{ before: string; empty: number; busy: boolean } | null>(null);
  return useCallback(() => {
    if (start === undefined) return;
    reached.current ??= { before: start, empty: 0, busy: false };
    const place = reached.current;
    if (place.busy || place.empty >= MOST_EMPTY) return;
    place.busy = true;
    olderCandles(
      client,
      [marketName, account],
      { symbol, exchange },
      interval,
      place.before,
      place.empty,
    )
      .then(
        ({ range, candles }) => {
          place.before = range.start;
          place.empty = candles.length === 0 ? place.empty + 1 : 0;
          book.loadOlder(candles);
        },
        // Scrolling on asks again.
        () => undefined,
      )
      .finally(() => {
        place.busy = false;
      });
  }, [client, marketName, account, symbol, exchange, interval, book, start]);
}
