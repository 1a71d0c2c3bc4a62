import { expect, it } from "vitest";
import type { TodayRow } from "@/client";
import { type DayProfitEvent, drawingOf, grown, HEIGHT, valueAt, WIDTH } from "./curve";

const NINE = Date.UTC(2026, 6, 15, 3, 30);
const at = (minutes: number, seconds = 0) => NINE + minutes * 60_000 + seconds * 1000;

const blank: TodayRow = {
  mode: "analyze",
  day: "2026-07-15",
  as_of: null,
  problem: "Log in at your broker",
  current: null,
  max: null,
  min: null,
  drawdown: 0,
  max_drawdown: 0,
  series: [],
  positions: [],
};

function news(time: number, total: number, more: Partial<DayProfitEvent> = {}): DayProfitEvent {
  return {
    mode: "analyze",
    time,
    realized: 0,
    unrealized: total,
    total,
    max: Math.max(0, total),
    min: Math.min(0, total),
    drawdown: 0,
    max_drawdown: 0,
    ...more,
  };
}

it("keeps the last sample of a minute", () => {
  const day = [news(at(1, 5), 10), news(at(1, 40), 20), news(at(2, 1), 15)].reduce(grown, blank);
  expect(day.series.map(({ time, total }) => [time, total])).toEqual([
    [at(0), 0],
    [at(1, 40), 20],
    [at(2, 1), 15],
  ]);
  expect(day.current?.total).toBe(15);
  expect(day.problem).toBeNull();
});

it("is flat where nothing moved, and takes nothing from the past", () => {
  const day = [news(at(1), 10), news(at(9, 30), 40), news(at(3), 99)].reduce(grown, blank);
  expect(day.series.map(({ time, total }) => [time, total])).toEqual([
    [at(0), 0],
    [at(1), 10],
    [at(8), 10],
    [at(9, 30), 40],
  ]);
});

it("says when the highest and the lowest were reached", () => {
  const day = [
    news(at(1), 10, { max: 10, min: 0 }),
    news(at(2), -5, { max: 10, min: -5, drawdown: -15, max_drawdown: -15 }),
    news(at(3), 0, { max: 10, min: -5, drawdown: -10, max_drawdown: -15 }),
  ].reduce(grown, blank);
  expect(day.max).toEqual({ total: 10, at: new Date(at(1)).toISOString() });
  expect(day.min).toEqual({ total: -5, at: new Date(at(2)).toISOString() });
  expect([day.drawdown, day.max_drawdown]).toEqual([-10, -15]);
  expect(grown(blank, news(at(5), -3)).max).toEqual({
    total: 0,
    at: new Date(at(4)).toISOString(),
  });
});

it("does not mix what is made on paper and at the broker", () => {
  expect(grown(blank, news(at(1), 10, { mode: "live" }))).toBe(blank);
});

it("draws from the first to the last moment, with zero in sight", () => {
  const drawing = drawingOf([
    { time: at(0), value: 50 },
    { time: at(5), value: 150 },
    { time: at(10), value: 100 },
  ]);
  expect(drawing?.line).toBe("M0.0,66.67L500.0,0.00L1000.0,33.33");
  expect([drawing?.zero, drawing?.highest, drawing?.lowest]).toEqual([HEIGHT, 150, 0]);
  expect(drawing?.x(at(10))).toBe(WIDTH);
});

it("draws a flat day on the zero line, and nothing of one moment", () => {
  const flat = drawingOf([
    { time: at(0), value: 0 },
    { time: at(5), value: 0 },
  ]);
  expect(flat?.line).toBe("M0.0,0.00L1000.0,0.00");
  expect(drawingOf([{ time: at(0), value: 5 }])).toBeNull();
  expect(drawingOf([])).toBeNull();
});

it("finds the value that stood at a moment", () => {
  const values = [
    { time: at(0), value: 1 },
    { time: at(5), value: 2 },
  ];
  expect(valueAt(values, at(4))?.value).toBe(1);
  expect(valueAt(values, at(5))?.value).toBe(2);
  expect(valueAt(values, at(-9))?.value).toBe(1);
  expect(valueAt([], at(0))).toBeUndefined();
});
