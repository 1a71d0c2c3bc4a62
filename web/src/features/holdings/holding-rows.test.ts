import { expect, it } from "vitest";
import type { HoldingRow } from "@/client";
import { csvOf } from "../books/csv-button";
import { profitAt } from "../market/profit";
import { HOLDINGS_CSV, investedIn, isWanted, totalsOf } from "./holding-rows";

const ROW: HoldingRow = {
  symbol: "RELIANCE",
  exchange: "NSE",
  product: "CNC",
  quantity: 10,
  average_price: 1500,
  ltp: 1512.5,
  pnl: 125,
  pnlpercent: 0.83,
  current_value: 15125,
  settlement_date: "2025-11-20",
};
const OTHER: HoldingRow = { ...ROW, symbol: "SBIN", pnl: -125, current_value: 4875 };

it("totals what was paid, and moves value, profit and percent with the prices", () => {
  const totals = totalsOf([ROW, OTHER]);
  expect(totals.invested).toBe(20_000);
  const sum = (parts: typeof totals.value, now?: number) =>
    parts.reduce((total, part) => total + (profitAt(part, now) ?? Number.NaN), 0);
  expect(sum(totals.value)).toBe(20_000);
  expect(sum(totals.profit, 1522.5)).toBe(200);
  expect(sum(totals.percent, 1522.5)).toBeCloseTo(1);
});

it("knows no total of which one part is unknown", () => {
  const unknown = { ...ROW, pnl: null as unknown as number };
  expect(investedIn(unknown)).toBeNull();
  const totals = totalsOf([ROW, unknown]);
  expect(totals.invested).toBeNull();
  expect(totals.profit.map(({ profit }) => profit)).toEqual([125, null]);
  expect(totals.percent.map(({ profit }) => profit)).toEqual([null, null]);
});

it("filters, and writes a file", () => {
  expect(isWanted(ROW, "NSE", "reli")).toBe(true);
  expect(isWanted(ROW, "BSE", "")).toBe(false);
  expect(csvOf(HOLDINGS_CSV, [ROW]).split("\r\n")[1]).toBe(
    "RELIANCE,NSE,CNC,10,1500,1512.5,15000,15125,125,0.83,2025-11-20",
  );
});
