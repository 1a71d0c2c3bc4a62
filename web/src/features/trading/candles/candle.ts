/** Prices in rupees, the volume in units. */
export interface Candle {
  /** Epoch seconds: its start; of a day or longer, midnight UTC of its first date in India. */
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

const DAY_S = 86_400;
const IST_S = 19_800;
/** Nothing trades over 03:00 in India: what trades after midnight belongs to the day before. */
const DAY_BEGINS_S = 10_800;

export interface Interval {
  name: string;
  unit: "s" | "m" | "h" | "D" | "W" | "M" | "Q" | "Y";
  /** Seconds of one within the day, `null` for a day and longer. */
  seconds: number | null;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };
const NAME = /^(\d*)([smhDWMQY])$/;

/** The interval that the server calls `name`; `null` for what is none. */
export function intervalOf(name: string): Interval | null {
  const match = NAME.exec(name);
  const unit = match?.[2] as Interval["unit"] | undefined;
  if (unit === undefined) return null;
  const length = SECONDS[unit];
  const count = Number(match?.[1] || 1);
  return { name, unit, seconds: length === undefined ? null : length * count };
}

/** The session day of an instant, in days since 1970. */
export function sessionDay(seconds: number): number {
  return Math.floor((seconds + IST_S - DAY_BEGINS_S) / DAY_S);
}

/** `2026-11-21` in days since 1970. */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / (DAY_S * 1_000);
}

/** The time of `candle` as clocks in India show it, for axes that count in UTC. */
export function clockTime(candle: Pick<Candle, "time">, interval: Interval): number {
  return interval.seconds === null ? candle.time : candle.time + IST_S;
}
