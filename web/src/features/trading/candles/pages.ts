import type { Interval } from "./candle";

/** Dates in India, both included. */
export interface Range {
  start: string;
  end: string;
}

const DAY_MS = 86_400_000;
const LONGEST_DAILY = 3_650;
const CANDLES_WANTED = 1_500;
/** Of a day: from the morning till the afternoon. */
const TRADING_S = 22_500;
const TRADING_DAYS_OF_SEVEN = 5;

/** How many calendar days of candles are asked for at once: enough for several screens. */
export function pageDays(interval: Interval): number {
  if (interval.unit === "D") return 3 * 365;
  if (interval.seconds === null) return LONGEST_DAILY;
  const days = (CANDLES_WANTED * interval.seconds) / TRADING_S;
  const longest = interval.unit === "s" ? 2 : 365;
  // Over a long weekend there must still be something on the first page.
  return (
    Math.min(longest, Math.max(interval.unit === "s" ? 2 : 6, (days * 7) / TRADING_DAYS_OF_SEVEN)) |
    0
  );
}

/** The newest candles: those of `pageDays` until today. */
export function newestPage(interval: Interval, today: string): Range {
  return { start: addDays(today, 1 - pageDays(interval)), end: today };
}

/** Candles before `before`; the more of it, the more pages in a row had nothing. */
export function olderPage(interval: Interval, before: string, empty: number): Range {
  const end = addDays(before, -1);
  const longest = interval.seconds === null ? LONGEST_DAILY : interval.unit === "s" ? 30 : 365;
  return { start: addDays(end, 1 - Math.min(longest, pageDays(interval) * 2 ** empty)), end };
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
