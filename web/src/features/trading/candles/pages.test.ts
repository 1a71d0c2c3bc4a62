import { expect, it } from "vitest";
import { intervalOf } from "./candle";
import { newestPage, olderPage, pageDays } from "./pages";

const NAMES = ["1s", "30s", "1m", "3m", "5m", "15m", "1h", "4h", "D", "W", "M"];
const LONGEST = { s: 31, m: 400, h: 2_000, D: 36_600, W: 36_600, M: 36_600, Q: 36_600, Y: 36_600 };

it("never asks for more than the server gives at once", () => {
  for (const name of NAMES) {
    const interval = intervalOf(name);
    if (interval === null) throw new Error(name);
    expect(pageDays(interval)).toBeGreaterThanOrEqual(2);
    for (const empty of [0, 1, 5, 20]) {
      const { start, end } = olderPage(interval, "2025-11-21", empty);
      const days = (Date.parse(end) - Date.parse(start)) / 86_400_000 + 1;
      expect(days).toBeLessThanOrEqual(LONGEST[interval.unit]);
    }
  }
});

it("puts pages one before the other", () => {
  const interval = intervalOf("5m");
  if (interval === null) throw new Error("5m");
  const newest = newestPage(interval, "2025-11-21");
  const older = olderPage(interval, newest.start, 0);
  expect(newest.end).toBe("2025-11-21");
  expect(Date.parse(newest.start) - Date.parse(older.end)).toBe(86_400_000);
});
