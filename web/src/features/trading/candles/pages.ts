import type { Interval } from "./candle";

/** Dates in India, both included. */
export interface Range {
  start: string;
  end: string;
}

const DAY_MS = 86_400_000;
const LONGEST_DAILY = 3_650;
const YEARS = { D: 1, W: 3, M: 6, Q: 10, Y: 10 } as const;
const CANDLES_WANTED = 1_500;
/** Of a day: from the morning till the afternoon. */
const TRADING_S = 22_500;
const TRADING_DAYS_OF_SEVEN = 5;
const MOST_DAYS = 365;
/** Over a long weekend there must still be something on the first page. */
const OVER_HOLIDAYS = 6;

/** How many calendar days of candles are asked for at once: enough for several screens. */
export function pageDays(interval: Interval): number {
  if (interval.seconds === null) return 365 * YEARS[interval.unit as keyof typeof YEARS];
  if (interval.unit === "s") return 2;
  const days = (CANDLES_WANTED * interval.seconds * 7) / (TRADING_S * TRADING_DAYS_OF_SEVEN);
  return Math.floor(Math.min(MOST_DAYS, Math.max(OVER_HOLIDAYS, days)));
}

/** The newest candles: those of `pageDays` until today. */
export function newestPage(interval: Interval, today: string): Range {
  return { start: addDays(today, 1 - pageDays(interval)), end: today };
}

/** Candles before `before`; the more of it, the more pages in a row had nothing. */
export function olderPage(interval: Interval, before: string, empty: number): Range {
  const end = addDays(before, -1);
  const longest =
    interval.seconds === null ? LONGEST_DAILY : interval.unit === "s" ? 30 : MOST_DAYS;
  return { start: addDays(end, 1 - Math.min(longest, pageDays(interval) * 2 ** empty)), end };
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
