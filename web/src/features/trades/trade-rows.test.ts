import { expect, it } from "vitest";
import type { TradeRow } from "@/client";
import { csvOf } from "../books/csv-button";
import { isWanted, TRADES_CSV, totalsOf } from "./trade-rows";

const TRADE: TradeRow = {
  tradeid: "T-1",
  orderid: "25112100000001",
  symbol: "SBIN",
  exchange: "NSE",
  action: "BUY",
  quantity: 10,
  average_price: 812.5,
  price: 812.5,
  trade_value: 8125,
  product: "MIS",
  strategy: "web",
  timestamp: "2025-11-21 10:30:00",
};

it("adds up what was bought and what was sold", () => {
  const sale: TradeRow = { ...TRADE, action: "SELL", trade_value: 100.5 };
  expect(totalsOf([TRADE, sale, sale])).toEqual({ bought: 8125, sold: 201 });
  expect(totalsOf([])).toEqual({ bought: 0, sold: 0 });
});

it("knows no total of which one value is unknown", () => {
  const unknown = { ...TRADE, trade_value: null as unknown as number };
  expect(totalsOf([TRADE, unknown])).toEqual({ bought: null, sold: 0 });
});

it("filters by side, exchange, product and text", () => {
  const all = { side: "", exchange: "", product: "", text: "" };
  expect(isWanted(TRADE, all)).toBe(true);
  expect(isWanted(TRADE, { ...all, side: "SELL" })).toBe(false);
  expect(isWanted(TRADE, { ...all, exchange: "BSE" })).toBe(false);
  expect(isWanted(TRADE, { ...all, product: "CNC" })).toBe(false);
  expect(isWanted(TRADE, { ...all, text: "sbin 0000001" })).toBe(true);
});

it("writes a file", () => {
  expect(csvOf(TRADES_CSV, [TRADE]).split("\r\n")[1]).toBe(
    "2025-11-21 10:30:00,T-1,25112100000001,BUY,10,SBIN,NSE,MIS,812.5,8125,web",
  );
});
