import { expect, it } from "vitest";
import { dateKey, formatDate, formatTime, instantOf } from "./times";

const NOW = new Date("2026-11-21T10:00:00+05:30");

it("shows the exchange's clock, wherever the browser is", () => {
  expect(formatTime("2026-11-21T03:45:00Z", NOW)).toBe("09:15:00");
});
it("takes a text without a zone to be in IST", () => {
  expect(formatTime("2026-11-21 15:29:59", NOW)).toBe("15:29:59");
});
it("adds the date where it is not today, and the year where it is another", () => {
  expect(formatTime("2026-11-20 15:30:00", NOW)).toBe("20 Nov, 15:30:00");
  expect(formatTime("2025-01-02 09:15:00", NOW)).toBe("02 Jan 2025, 09:15:00");
});
it("starts the day at midnight in India", () => {
  expect(dateKey(new Date("2026-11-20T18:30:00Z"))).toBe("2026-11-21");
});
it("is a dash for what is no time", () => {
  expect(instantOf("soon")).toBeNull();
  expect(formatTime(null)).toBe("—");
});

it("takes a date alone for its day in India", () => {
  expect(formatDate("2026-11-21")).toBe("21 Nov 2026");
});
