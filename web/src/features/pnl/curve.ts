import type { ProfitPoint, TodayRow } from "@/client";

/** What the server says of the day each second while it changes: the event `day_pnl`. */
export interface DayProfitEvent {
  mode: TodayRow["mode"];
  time: number;
  realized: number;
  unrealized: number;
  total: number;
  max: number;
  min: number;
  drawdown: number;
  max_drawdown: number;
}

const MINUTE = 60_000;

/** The day with one more sample: the last of its minute is the point of that minute. */
export function grown(day: TodayRow, news: DayProfitEvent): TodayRow {
  const { mode, time, realized, unrealized, total, drawdown } = news;
  if (mode !== day.mode) return day;
  const current = { realized, unrealized, total };
  return {
    ...day,
    as_of: new Date(time).toISOString(),
    problem: null,
    current,
    max: reached(day.max, news.max, time),
    min: reached(day.min, news.min, time),
    drawdown,
    max_drawdown: news.max_drawdown,
    series: extended(day.series, { ...current, time, drawdown }),
  };
}

function extended(series: readonly ProfitPoint[], point: ProfitPoint): ProfitPoint[] {
  const last = series.at(-1);
  // Before anything was made there was nothing.
  if (last === undefined) return [nothingAt(minuteBefore(point.time)), point];
  const apart = minuteOf(point.time) - minuteOf(last.time);
  if (apart < 0) return [...series];
  if (apart === 0) return [...series.slice(0, -1), point];
  if (apart === 1) return [...series, point];
  // Nothing moved in between: the line is flat until the minute before.
  return [...series, { ...last, time: minuteBefore(point.time) }, point];
}

function nothingAt(time: number): ProfitPoint {
  return { time, realized: 0, unrealized: 0, total: 0, drawdown: 0 };
}

/** Where the minute before begins. */
function minuteBefore(time: number): number {
  return (minuteOf(time) - 1) * MINUTE;
}

function minuteOf(time: number): number {
  return Math.floor(time / MINUTE);
}

function reached(before: TodayRow["max"], total: number, time: number): TodayRow["max"] {
  if (before !== null && before.total === total) return before;
  const wasNothing = before === null && total === 0;
  return { total, at: new Date(wasNothing ? minuteBefore(time) : time).toISOString() };
}

/** A line through values over time, in a box of `WIDTH` by `HEIGHT`. */
export interface Drawing {
  line: string;
  /** The line closed along zero. */
  area: string;
  /** Where zero is, from the top. */
  zero: number;
  highest: number;
  lowest: number;
  x: (time: number) => number;
  y: (value: number) => number;
}

export const WIDTH = 1000;
export const HEIGHT = 100;

export interface Value {
  time: number;
  value: number;
}

/** `null` where there is no line: one value is none. Zero is always in sight. */
export function drawingOf(values: readonly Value[]): Drawing | null {
  const [first] = values;
  const last = values.at(-1);
  if (first === undefined || last === undefined || last.time <= first.time) return null;
  let highest = 0;
  let lowest = 0;
  for (const { value } of values) {
    highest = Math.max(highest, value);
    lowest = Math.min(lowest, value);
  }
  const [begin, span, height] = [first.time, last.time - first.time, highest - lowest || 1];
  const x = (time: number) => ((time - begin) / span) * WIDTH;
  const y = (value: number) => ((highest - value) / height) * HEIGHT;
  const line = values.map(({ time, value }) => `${x(time).toFixed(1)},${y(value).toFixed(2)}`);
  const zero = y(0);
  return {
    line: `M${line.join("L")}`,
    area: `M0,${zero.toFixed(2)}L${line.join("L")}L${WIDTH},${zero.toFixed(2)}Z`,
    zero,
    highest,
    lowest,
    x,
    y,
  };
}

/** The value at `time`, or the last one before it. */
export function valueAt(values: readonly Value[], time: number): Value | undefined {
  let found = values[0];
  for (const each of values) {
    if (each.time > time) break;
    found = each;
  }
  return found;
}
