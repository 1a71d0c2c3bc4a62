import { expect, it } from "vitest";
import type { GttRow } from "@/client";
import { csvOf } from "../books/csv-button";
import { canChange, changed, faultsOf, formOf, GTT_CSV, isWanted } from "./gtt-rows";

const LEG = {
  action: "SELL",
  quantity: 10,
  price: 800,
  pricetype: "LIMIT",
  product: "CNC",
} as const;
const SINGLE: GttRow = {
  trigger_id: "GTT-1",
  trigger_type: "single",
  status: "active",
  symbol: "SBIN",
  exchange: "NSE",
  trigger_prices: [801],
  last_price: 812.5,
  legs: [LEG],
  created_at: "2025-11-21 10:30:00",
  updated_at: "2025-11-21 10:30:00",
  expires_at: "2026-11-21 10:30:00",
  strategy: "Python",
};
const OCO: GttRow = {
  ...SINGLE,
  trigger_type: "two-leg",
  trigger_prices: [780, 860],
  legs: [
    { ...LEG, price: 779.5 },
    { ...LEG, price: 859.5 },
  ],
};

it("asks for a single GTT on the side of the market where its trigger stands", () => {
  const form = formOf(SINGLE);
  expect(changed(SINGLE, form, 812)).toMatchObject({
    trigger_type: "SINGLE",
    triggerprice_sl: "801",
    price: "800",
    quantity: "10",
  });
  const risen = changed(SINGLE, { ...form, slTrigger: "820" }, 812);
  expect(risen).toMatchObject({ triggerprice_tg: "820" });
  expect(risen).not.toHaveProperty("triggerprice_sl");
});

it("asks for both legs of an OCO", () => {
  expect(changed(OCO, { ...formOf(OCO), tgPrice: "861" }, 812)).toMatchObject({
    trigger_type: "OCO",
    triggerprice_sl: "780",
    stoploss: "779.5",
    triggerprice_tg: "860",
    target: "861",
  });
});

it("gives market orders no limit of the user's", () => {
  const market: GttRow = { ...SINGLE, legs: [{ ...LEG, pricetype: "MARKET", price: 0 }] };
  expect(faultsOf(market, formOf(market))).toEqual({});
  expect(changed(market, formOf(market), 812)).toMatchObject({ pricetype: "MARKET", price: 0 });
});

it("says what is wrong before it is sent", () => {
  expect(faultsOf(OCO, formOf(OCO))).toEqual({});
  expect(faultsOf(OCO, { ...formOf(OCO), quantity: "0", slPrice: "x" })).toEqual({
    quantity: "More than 0",
    slPrice: "More than 0",
  });
  expect(faultsOf(OCO, { ...formOf(OCO), tgTrigger: "779" })).toEqual({
    tgTrigger: "Above the stop-loss trigger",
  });
});

it("leaves alone what is done, and what a broker made of unlike legs", () => {
  expect(canChange(SINGLE)).toBe(true);
  expect(canChange({ ...SINGLE, status: "triggered" })).toBe(false);
  expect(canChange({ ...OCO, legs: [LEG, { ...LEG, quantity: 5 }] })).toBe(false);
  expect(canChange({ ...SINGLE, legs: [{ ...LEG, product: "MIS" }] })).toBe(false);
});

it("filters, and writes a file", () => {
  expect(isWanted(SINGLE, "done", "")).toBe(false);
  expect(isWanted({ ...SINGLE, status: "expired" }, "done", "sbi")).toBe(true);
  const [head, line] = csvOf(GTT_CSV, [OCO]).split("\r\n");
  expect(head?.split(",").length).toBe(line?.split(",").length);
  expect(line).toContain("OCO,active,SBIN,NSE,SELL,10,CNC,780,779.5,860,859.5");
});
