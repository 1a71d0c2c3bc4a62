/** Times as the exchange's clock shows them: IST, with the date where it is not today. */

import { UNKNOWN } from "./numbers";

const ZONE = "Asia/Kolkata";
const DATE_ALONE = /^\d{4}-\d{2}-\d{2}$/;
const ZONED = /(Z|[+-]\d{2}:?\d{2})$/;

const CLOCK = new Intl.DateTimeFormat("en-IN", {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const DAY = new Intl.DateTimeFormat("en-IN", { timeZone: ZONE, day: "2-digit", month: "short" });
const DAY_OF_YEAR = new Intl.DateTimeFormat("en-IN", {
  timeZone: ZONE,
  day: "2-digit",
  month: "short",
  year: "numeric",
});
const DATE_KEY = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE });

export type Moment = string | number | Date | null | undefined;

/** The instant that `value` names; a text without a zone is meant in IST. */
export function instantOf(value: Moment): Date | null {
  if (value === null || value === undefined || value === "") return null;
  const date = new Date(typeof value === "string" ? zoned(value) : value);
  return Number.isNaN(date.getTime()) ? null : date;
}

function zoned(text: string): string {
  if (DATE_ALONE.test(text)) return `${text}T00:00:00+05:30`;
  return ZONED.test(text) ? text : `${text.replace(" ", "T")}+05:30`;
}

/** `14:05:09`, or `12 Nov, 14:05:09` where it is not today in India. */
export function formatTime(value: Moment, now: Date = new Date()): string {
  const instant = instantOf(value);
  if (instant === null) return UNKNOWN;
  const clock = CLOCK.format(instant);
  if (dateKey(instant) === dateKey(now)) return clock;
  const sameYear = dateKey(instant).slice(0, 4) === dateKey(now).slice(0, 4);
  return `${(sameYear ? DAY : DAY_OF_YEAR).format(instant)}, ${clock}`;
}

export function formatDate(value: Moment): string {
  const instant = instantOf(value);
  return instant === null ? UNKNOWN : DAY_OF_YEAR.format(instant);
}

/** `2026-11-21`: the date in India. */
export function dateKey(instant: Date): string {
  return DATE_KEY.format(instant);
}
