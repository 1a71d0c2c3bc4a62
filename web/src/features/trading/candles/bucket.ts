import type { MarketHours } from "@/client";
import { dayNumber, type Interval } from "./candle";

export type Hours = Pick<MarketHours, "day" | "sessions" | "counted_from">;

const DAY_S = 86_400;
const MONDAY = 4; // 1 January 1970 was a Thursday

/** The time of the candle that a trade at `seconds` belongs to; `null` outside of the sessions. */
export function bucketOf(seconds: number, interval: Interval, hours: Hours): number | null {
  const { sessions, counted_from: from } = hours;
  const first = sessions[0];
  const inSession = sessions.some(({ opens, closes }) => opens <= seconds && seconds < closes);
  if (first === undefined || !inSession) return null;
  const length = interval.seconds;
  if (length === null) return firstDay(dayNumber(hours.day), interval.unit) * DAY_S;
  const start = from + Math.floor((seconds - from) / length) * length;
  return Math.max(start, first.opens);
}

/** The first day of the week, month, quarter or year of `day`, all in days since 1970. */
function firstDay(day: number, unit: Interval["unit"]): number {
  if (unit === "W") return day - ((day + 7 - MONDAY) % 7);
  if (unit === "D") return day;
  const date = new Date(day * DAY_S * 1_000);
  const month = date.getUTCMonth();
  const firstMonth = unit === "Y" ? 0 : unit === "Q" ? month - (month % 3) : month;
  return Date.UTC(date.getUTCFullYear(), firstMonth, 1) / (DAY_S * 1_000);
}
