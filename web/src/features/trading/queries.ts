import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call, selectedAccount } from "@/api";
import { type Exchange, history_, intervals, marketHours, type QuoteRow, quotes } from "@/client";
import { useStore } from "@/lib/store";
import type { Instrument } from "@/live";
import type { Candle, Interval } from "./candles/candle";
import { newestPage, olderPage, type Range } from "./candles/pages";

/** The market of an account: what happens to its orders does not make this old. */
export type MarketKey = readonly ["market", number | null];

export function useMarketKey(): MarketKey {
  return ["market", useStore(selectedAccount)];
}

const PAGES_TRIED = 4;
const HOUR = 3_600_000;

export interface CandlePage {
  range: Range;
  candles: readonly Candle[];
}

/** The newest candles. Goes back further where the newest page has none. */
export function newestQuery(
  key: MarketKey,
  instrument: Instrument,
  interval: Interval,
  /** The first page ends at `since`; it stays the first, so that no hole comes up later. */
  since: string,
  today: string,
) {
  return queryOptions({
    queryKey: [...key, "candles", instrument.exchange, instrument.symbol, interval.name],
    staleTime: 0,
    structuralSharing: false,
    refetchOnWindowFocus: "always",
    queryFn: async ({ signal }): Promise<CandlePage> => {
      const newest = { start: newestPage(interval, since).start, end: today };
      let range = newest;
      for (let empty = 0; empty < PAGES_TRIED; empty += 1) {
        const candles = await candlesOf(instrument, interval, range, signal);
        if (candles.length > 0) return { range: { ...range, end: newest.end }, candles };
        range = olderPage(interval, range.start, empty);
      }
      return { range, candles: [] };
    },
  });
}

/** Candles before those of `before`; `empty` pages in a row had nothing. */
export async function olderCandles(
  client: QueryClient,
  key: MarketKey,
  instrument: Instrument,
  interval: Interval,
  before: string,
  empty: number,
): Promise<CandlePage> {
  const range = olderPage(interval, before, empty);
  const { exchange, symbol } = instrument;
  const candles = await client.fetchQuery({
    queryKey: [...key, "older candles", exchange, symbol, interval.name, range],
    staleTime: HOUR,
    queryFn: ({ signal }) => candlesOf(instrument, interval, range, signal),
  });
  return { range, candles };
}

export function hoursQuery(key: MarketKey, exchange: string) {
  return queryOptions({
    queryKey: [...key, "hours", exchange],
    staleTime: HOUR,
    queryFn: async ({ signal }) =>
      (await call(() => marketHours({ query: { exchange: exchange as Exchange }, signal }))).data,
  });
}

export function quoteQuery(key: MarketKey, { symbol, exchange }: Instrument) {
  return queryOptions({
    queryKey: [...key, "quote", exchange, symbol],
    queryFn: async ({ signal }): Promise<QuoteRow> =>
      (await call(() => quotes({ body: { symbol, exchange: exchange as Exchange }, signal }))).data,
  });
}

/** Every interval the broker has, shortest first. */
export function intervalsQuery(key: MarketKey) {
  return queryOptions({
    queryKey: [...key, "intervals"],
    staleTime: HOUR,
    queryFn: async ({ signal }) => {
      const { seconds, minutes, hours, days, weeks, months } = (
        await call(() => intervals({ signal }))
      ).data;
      return [...seconds, ...minutes, ...hours, ...days, ...weeks, ...months];
    },
  });
}

async function candlesOf(
  { symbol, exchange }: Instrument,
  interval: Interval,
  { start, end }: Range,
  signal: AbortSignal,
): Promise<readonly Candle[]> {
  const body = {
    symbol,
    exchange: exchange as Exchange,
    interval: interval.name,
    start_date: start,
    end_date: end,
  };
  const rows = (await call(() => history_({ body, signal }))).data;
  return rows.map(({ timestamp: time, open, high, low, close, volume }) => ({
    time,
    open,
    high,
    low,
    close,
    volume,
  }));
}
