import { expect, it } from "vitest";
import type { PositionRow } from "@/client";
import { csvOf } from "../books/csv-button";
import {
  belongsTo,
  byGroup,
  closable,
  groupOf,
  isWanted,
  POSITIONS_CSV,
  worthOf,
} from "./position-rows";

const ROW: PositionRow = {
  symbol: "NIFTY28MAR2420800CE",
  exchange: "NFO",
  product: "NRML",
  quantity: -75,
  average_price: 100,
  ltp: 90,
  pnl: 750,
  pnlpercent: 10,
  unrealized_pnl: 750,
  today_realized_pnl: 0,
  total_pnl_today: 750,
  multiplier: 1,
  lot_size: 1,
};
const named = (symbol: string, exchange: PositionRow["exchange"] = "NFO"): PositionRow => ({
  ...ROW,
  symbol,
  exchange,
});

it("tells long, short and closed apart", () => {
  const shows = ["all", "open", "long", "short", "closed"];
  const of = (quantity: number) => shows.filter((show) => belongsTo(show, { quantity }));
  expect(of(10)).toEqual(["all", "open", "long"]);
  expect(of(-10)).toEqual(["all", "open", "short"]);
  expect(of(0)).toEqual(["all", "closed"]);
});

it("filters", () => {
  const all = { show: "all", exchange: "", product: "", text: "" };
  expect(isWanted(ROW, { ...all, text: "nifty nrml" })).toBe(true);
  expect(isWanted(ROW, { ...all, show: "long" })).toBe(false);
  expect(isWanted(ROW, { ...all, exchange: "NSE" })).toBe(false);
  expect(isWanted(ROW, { ...all, product: "MIS" })).toBe(false);
});

it("closes what is open and of a product that can be ordered", () => {
  expect(closable(ROW)).toBe(true);
  expect(closable({ ...ROW, quantity: 0 })).toBe(false);
  expect(closable({ ...ROW, product: "MTF" })).toBe(false);
});

it("is worth what is open, or of unknown worth", () => {
  expect(worthOf([ROW, { ...ROW, quantity: 75, multiplier: 2 }])).toBe(6750 + 13_500);
  expect(worthOf([ROW, { ...ROW, ltp: null as unknown as number }])).toBeNull();
});

it("groups by underlying, and by expiry where there is one", () => {
  expect(groupOf("underlying", ROW)).toBe("NIFTY");
  expect(groupOf("expiry", ROW)).toBe("NIFTY 28MAR24");
  expect(groupOf("expiry", { symbol: "SBIN", exchange: "NSE" })).toBe("SBIN");
});

it("puts expiries in the order of time, and leaves the order inside a group", () => {
  const rows = [
    named("NIFTY02JAN25FUT"),
    named("SBIN", "NSE"),
    named("NIFTY28MAR2420900CE"),
    named("BANKNIFTY28MAR24FUT"),
    named("NIFTY28MAR2420800CE"),
  ];
  expect(byGroup(rows, "expiry").map(({ symbol }) => symbol)).toEqual([
    "BANKNIFTY28MAR24FUT",
    "NIFTY28MAR2420900CE",
    "NIFTY28MAR2420800CE",
    "NIFTY02JAN25FUT",
    "SBIN",
  ]);
  expect(byGroup(rows, "")).toBe(rows);
});

it("writes a file, in which what is closed has no percent", () => {
  expect(csvOf(POSITIONS_CSV, [{ ...ROW, quantity: 0 }]).split("\r\n")[1]).toBe(
    "NIFTY28MAR2420800CE,NFO,NRML,0,100,90,750,,750,0",
  );
});
