import type { HolidayRow, Hours } from "@/client";
import { dateKey } from "@/lib/times";

const DAY = 86_400_000;
const MINUTE = 60_000;
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Kolkata",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const WEEKDAY = new Intl.DateTimeFormat("en-IN", {
  timeZone: "Asia/Kolkata",
  weekday: "short",
  day: "numeric",
  month: "short",
});

export interface Standing {
  exchange: string;
  /** Of the date asked about, ascending; none where it is closed all day. */
  today: readonly Hours[];
  open: boolean;
  /** Epoch milliseconds of the next opening or close; `null` where none is near. */
  changes: number | null;
}

/** How each exchange of `days` (hours of consecutive days, today's first) stands at `now`. */
export function standings(days: readonly (readonly Hours[])[], now: number): Standing[] {
  const exchanges = [...new Set(days.flat().map((hours) => hours.exchange))];
  return exchanges.map((exchange) => {
    const own = days.map((day) =>
      day
        .filter((hours) => hours.exchange === exchange)
        .sort((one, other) => one.start_time - other.start_time),
    );
    const running = own.flat().find((hours) => hours.start_time <= now && now < hours.end_time);
    const next = own.flat().find((hours) => hours.start_time > now);
    return {
      exchange,
      today: own[0] ?? [],
      open: running !== undefined,
      changes: running?.end_time ?? next?.start_time ?? null,
    };
  });
}

/** Exchanges that keep the same hours, told of together. */
export interface Together extends Omit<Standing, "exchange"> {
  exchanges: readonly string[];
}

export function together(all: readonly Standing[]): Together[] {
  const groups = new Map<string, Together>();
  for (const { exchange, ...same } of all) {
    const key = JSON.stringify([same.today.map(hoursText), same.open, same.changes]);
    const known = groups.get(key)?.exchanges ?? [];
    groups.set(key, { ...same, exchanges: [...known, exchange] });
  }
  return [...groups.values()];
}

/** `2026-11-21` and the days after it. */
export function daysFrom(now: number, count: number): string[] {
  return Array.from({ length: count }, (_, day) => dateKey(new Date(now + day * DAY)));
}

/** `09:15–15:30`, in IST. */
export function hoursText({ start_time, end_time }: Hours): string {
  return `${CLOCK.format(start_time)}–${CLOCK.format(end_time)}`;
}

/** `today 15:30` or `Mon, 23 Nov 09:15`, in IST. */
export function whenText(at: number, now: number): string {
  const day = dateKey(new Date(at)) === dateKey(new Date(now)) ? "today" : WEEKDAY.format(at);
  return `${day} ${CLOCK.format(at)}`;
}

/** `in 2 d 3 h`, `in 3 h 5 min`, `in 12 min`: as exact as one cares about. */
export function untilText(at: number, now: number): string {
  const minutes = Math.max(0, Math.ceil((at - now) / MINUTE));
  const [days, hours, rest] = [
    Math.floor(minutes / 1440),
    Math.floor(minutes / 60) % 24,
    minutes % 60,
  ];
  if (days > 0) return `in ${days} d ${hours} h`;
  return hours > 0 ? `in ${hours} h ${rest} min` : `in ${rest} min`;
}

/** What a day of the holiday list means for `exchange`: closed, hours of its own, or neither. */
export function effectOn(holiday: HolidayRow, exchange: string): "closed" | Hours[] | null {
  const own = holiday.open_exchanges.filter((hours) => hours.exchange === exchange);
  if (own.length > 0) return own;
  return holiday.closed_exchanges.includes(exchange) ? "closed" : null;
}
