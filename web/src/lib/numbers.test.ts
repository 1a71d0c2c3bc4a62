import { describe, expect, it } from "vitest";
import {
  directionOf,
  formatCompactMoney,
  formatMoney,
  formatPercent,
  formatQuantity,
  UNKNOWN,
} from "./numbers";

describe("money", () => {
  it("is grouped by lakh and crore", () => {
    expect(formatMoney(1234567.8)).toBe("₹12,34,567.80");
    expect(formatMoney("10000000")).toBe("₹1,00,00,000.00");
  });
  it("writes the sign before the rupee", () => {
    expect(formatMoney(-1200.5)).toBe("−₹1,200.50");
    expect(formatMoney(1200.5, { signed: true })).toBe("+₹1,200.50");
  });
  it("gives no sign to what rounds to nothing", () => {
    expect(formatMoney(-0.001, { signed: true })).toBe("₹0.00");
  });
  it.each([null, undefined, "", Number.NaN, "n/a"])("is a dash for %s, never a zero", (value) => {
    expect(formatMoney(value)).toBe(UNKNOWN);
  });
  it("has a short form", () => {
    expect(formatCompactMoney(342000)).toBe("₹3.42 L");
    expect(formatCompactMoney(-12000000)).toBe("−₹1.20 Cr");
    expect(formatCompactMoney(900)).toBe("₹900");
  });
});

it("shows quantities without needless decimals", () => {
  expect(formatQuantity(150000)).toBe("1,50,000");
  expect(formatQuantity(-0.25)).toBe("−0.25");
  expect(formatQuantity(75, { signed: true })).toBe("+75");
});

it("signs percentages", () => {
  expect(formatPercent(1.5)).toBe("+1.50%");
  expect(formatPercent(null)).toBe(UNKNOWN);
});

it("knows gain from loss, also in texts", () => {
  expect([directionOf("-3"), directionOf(0), directionOf(2), directionOf(null)]).toEqual([
    -1, 0, 1, 0,
  ]);
});
