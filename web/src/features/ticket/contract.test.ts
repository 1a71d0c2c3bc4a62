import { expect, it } from "vitest";
import type { SymbolRow } from "@/client";
import {
  contractOf,
  isTradable,
  productsOf,
  quantityText,
  quantityWords,
  splitOf,
  splitWords,
  unitsOf,
} from "./contract";

const ROW = {
  symbol: "NIFTY28NOV2424500CE",
  exchange: "NFO",
  name: "NIFTY",
  lotsize: 65,
  tick_size: 0.05,
  freeze_qty: 1800,
  freeze_qty_known: true,
} as SymbolRow;
const OPTION = contractOf(ROW);
const SHARE = contractOf({ ...ROW, exchange: "NSE", symbol: "SBIN", lotsize: 1 });

it("counts derivatives in lots and shares one by one", () => {
  expect(unitsOf("2", OPTION)).toBe(130);
  expect(unitsOf("2", SHARE)).toBe(2);
  expect(unitsOf("1,000", SHARE)).toBe(1000);
  expect(quantityWords(130, OPTION)).toBe("2 lots (130 units)");
  expect(quantityWords(65, OPTION)).toBe("1 lot (65 units)");
  expect(quantityWords(1, SHARE)).toBe("1 share");
});

it("takes no other quantity", () => {
  for (const text of ["", "0", "-1", "1.5", "two", "1e3"]) {
    expect(unitsOf(text, OPTION), text).toBeNull();
    expect(unitsOf(text, SHARE), text).toBeNull();
  }
  expect(unitsOf("0.5", contractOf({ ...ROW, exchange: "CRYPTO", lotsize: 1 }))).toBe(0.5);
});

it("writes units as whole lots", () => {
  for (let units = 1; units < 2000; units += 7) {
    const lots = Number(quantityText(units, OPTION));
    expect(lots).toBeGreaterThanOrEqual(1);
    if (units >= 65) expect(lots * 65).toBeLessThanOrEqual(units);
  }
});

it("splits at the freeze quantity into whole lots that add up", () => {
  for (const [lot, freeze] of [
    [65, 1800],
    [30, 900],
    [75, 75],
    [1, 1000],
  ] as const) {
    const contract = contractOf({ ...ROW, lotsize: lot, freeze_qty: freeze });
    for (let lots = 1; lots < 120; lots++) {
      const units = lots * lot;
      const split = splitOf(units, contract);
      if (units <= freeze) {
        expect(split).toBeNull();
        continue;
      }
      expect(split?.parts.reduce((sum, part) => sum + part, 0)).toBe(units);
      for (const part of split?.parts ?? []) {
        expect(part).toBeLessThanOrEqual(freeze);
        expect(part % lot).toBe(0);
        expect(part).toBeGreaterThan(0);
      }
    }
  }
});

it("says how it splits", () => {
  const split = splitOf(3900, OPTION);
  expect(split && splitWords(split)).toBe("2 orders of 1,755 and one of 390");
  const even = splitOf(3510, OPTION);
  expect(even && splitWords(even)).toBe("2 orders of 1,755");
});

it("does not split where no freeze quantity is known", () => {
  expect(splitOf(1e9, contractOf({ ...ROW, freeze_qty: 1, freeze_qty_known: false }))).toBeNull();
});

it("knows what trades, and as what", () => {
  expect(isTradable("NSE")).toBe(true);
  expect(isTradable("NSE_INDEX")).toBe(false);
  expect(productsOf("BSE")).toEqual(["CNC", "MIS"]);
  expect(productsOf("MCX")).toEqual(["NRML", "MIS"]);
});
