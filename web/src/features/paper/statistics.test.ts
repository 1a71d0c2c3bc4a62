import { expect, it } from "vitest";
import { daysOf, pictureOf, statisticsOf } from "./statistics";

const day = (date: string, realised: number, value: number) => ({
  date,
  realized_pnl: realised,
  positions_unrealized: 0,
  holdings_unrealized: 0,
  total_unrealized: 0,
  total_mtm: realised,
  portfolio_value: value,
});
const summary = {
  today_realized_pnl: 50,
  all_time_realized_pnl: 250,
  positions_unrealized_pnl: 10,
  holdings_unrealized_pnl: 0,
  total_unrealized_pnl: 10,
  today_total_mtm: 60,
  total_pnl: 260,
  available_balance: 900,
  total_capital: 1000,
};
// Newest first, as the server tells them.
const stored = [day("2026-11-20", -100, 1200), day("2026-11-19", 300, 1300)];

it("puts the running day after the stored ones", () => {
  const days = daysOf(stored, summary, "2026-11-21", "realised");
  expect(days.map(({ date, result, running }) => [date, result, running])).toEqual([
    ["2026-11-19", 300, false],
    ["2026-11-20", -100, false],
    ["2026-11-21", 50, true],
  ]);
});

it("measures the value from day to day, and not where the day before is unknown", () => {
  const days = daysOf(stored, summary, "2026-11-21", "value");
  expect(days.map((each) => each.result)).toEqual([null, -100, 60]);
});

it("counts a stored row of today once", () => {
  const days = daysOf([day("2026-11-21", 1, 1), ...stored], summary, "2026-11-21", "realised");
  expect(days).toHaveLength(3);
});

it("tells win rate and profit factor", () => {
  const found = statisticsOf(daysOf(stored, summary, "2026-11-21", "realised"));
  expect(found).toMatchObject({ total: 250, winning: 2, losing: 1, profitFactor: 3.5 });
  expect(found.winRate).toBeCloseTo(66.67, 2);
  expect(found.best?.date).toBe("2026-11-19");
  expect(found.worst?.date).toBe("2026-11-20");
});

it("claims nothing where nothing was won or lost", () => {
  const found = statisticsOf(
    daysOf([], { ...summary, today_realized_pnl: 0 }, "2026-11-21", "realised"),
  );
  expect(found).toMatchObject({ winRate: null, profitFactor: null, best: null, worst: null });
});

it("draws gains up from zero and losses down", () => {
  const { bars, zero } = pictureOf(daysOf(stored, summary, "2026-11-21", "realised"));
  expect(zero).toBe(75);
  expect(bars.map(({ top, height }) => [top, height])).toEqual([
    [0, 75],
    [75, 25],
    [62.5, 12.5],
  ]);
});
