import { describe, expect, it } from "vitest";
import type { OrderRow, SymbolRow } from "@/client";
import { contractOf } from "./contract";
import {
  changes,
  gttRequest,
  marginRequest,
  modifyRequest,
  orderRequest,
  termsOfOrder,
  worthOf,
} from "./requests";
import { blankTerms, fieldsOf, mistakesOf, suggest, type Terms, triggerSide } from "./terms";

const ROW = {
  symbol: "SBIN",
  exchange: "NSE",
  name: "State Bank of India",
  lotsize: 1,
  tick_size: 0.05,
  freeze_qty: 1,
  freeze_qty_known: false,
} as SymbolRow;
const SHARE = contractOf(ROW);
const OPTION = contractOf({
  ...ROW,
  symbol: "NIFTY28NOV2424500CE",
  exchange: "NFO",
  lotsize: 65,
  freeze_qty: 1800,
  freeze_qty_known: true,
});
const BLANK = blankTerms(SHARE, "BUY", null);
const terms = (changed: Partial<Terms>): Terms => ({ ...BLANK, ...changed });
const mistakes = (changed: Partial<Terms>, ltp: number | null = 800, more = {}) =>
  mistakesOf(terms(changed), SHARE, { ltp, ...more });

describe("which fields a type needs", () => {
  it.each([
    ["MARKET", []],
    ["LIMIT", ["price"]],
    ["SL", ["price", "trigger"]],
    ["SL-M", ["trigger"]],
  ] as const)("%s", (pricetype, needed) => {
    expect(fieldsOf(terms({ pricetype }))).toEqual(["quantity", ...needed, "disclosed"]);
    expect(Object.keys(mistakes({ pricetype }))).toEqual(needed);
  });
  it("GTT", () => {
    expect(fieldsOf(terms({ kind: "SINGLE" }))).toEqual(["quantity", "trigger", "price"]);
    expect(fieldsOf(terms({ kind: "SINGLE", gttMarket: true }))).toEqual(["quantity", "trigger"]);
    expect(fieldsOf(terms({ kind: "OCO" }))).toHaveLength(5);
  });
  it("sends nothing that a type does not use, whatever is still in its field", () => {
    const left = { price: "801.00", trigger: "802.00" };
    expect(orderRequest(terms({ ...left, pricetype: "MARKET" }), SHARE)).toMatchObject({
      price: 0,
      trigger_price: 0,
    });
    expect(orderRequest(terms({ ...left, pricetype: "SL-M" }), SHARE)).toMatchObject({
      price: 0,
      trigger_price: 802,
    });
  });
});

describe("the side of a trigger", () => {
  it("of a BUY is above the market, of a SELL below, for any distance", () => {
    for (let ticks = 1; ticks < 400; ticks += 13) {
      const [above, below] = [SHARE.grid.step("800.00", ticks), SHARE.grid.step("800.00", -ticks)];
      const stop = { pricetype: "SL-M" } as const;
      expect(mistakes({ ...stop, action: "BUY", trigger: above })).toEqual({});
      expect(mistakes({ ...stop, action: "BUY", trigger: below })).toHaveProperty("trigger");
      expect(mistakes({ ...stop, action: "SELL", trigger: below })).toEqual({});
      expect(mistakes({ ...stop, action: "SELL", trigger: above })).toHaveProperty("trigger");
    }
  });
  it("is not judged without a price, nor once it was reached", () => {
    expect(mistakes({ pricetype: "SL-M", trigger: "1.00" }, null)).toEqual({});
    const kept = { pricetype: "SL-M", trigger: "790.00" } as const;
    expect(mistakes(kept, 800, { triggered: "790.00" })).toEqual({});
    expect(mistakes(kept, 800)).toHaveProperty("trigger");
  });
  it("has the limit of an SL beyond it", () => {
    const buy = { pricetype: "SL", action: "BUY", trigger: "810.00" } as const;
    expect(mistakes({ ...buy, price: "809.95" })).toHaveProperty("price");
    expect(mistakes({ ...buy, price: "810.00" })).toEqual({});
    const sell = { pricetype: "SL", action: "SELL", trigger: "790.00" } as const;
    expect(mistakes({ ...sell, price: "790.05" })).toHaveProperty("price");
    expect(mistakes({ ...sell, price: "789.00" })).toEqual({});
  });
});

describe("prices and quantities", () => {
  it("refuses what is off the grid and names the prices beside it", () => {
    expect(mistakes({ pricetype: "LIMIT", price: "800.03" }).price).toContain("800.00 or 800.05");
  });
  it("refuses no price and none at all", () => {
    expect(mistakes({ pricetype: "LIMIT", price: "0" })).toHaveProperty("price");
    expect(mistakes({ pricetype: "LIMIT", price: "x" })).toHaveProperty("price");
  });
  it("wants more than what is filled", () => {
    expect(mistakes({ quantity: "5" }, 800, { filled: 5 })).toHaveProperty("quantity");
    expect(mistakes({ quantity: "6" }, 800, { filled: 5 })).toEqual({});
  });
  it("discloses no more than there is", () => {
    expect(mistakes({ quantity: "10", disclosed: "11" })).toHaveProperty("disclosed");
    expect(mistakes({ quantity: "10", disclosed: "10" })).toEqual({});
  });
  it("sends units, never lots", () => {
    const two = { ...blankTerms(OPTION, "SELL", "NRML"), quantity: "2" };
    expect(orderRequest(two, OPTION)).toMatchObject({ quantity: 130, product: "NRML" });
    expect(marginRequest(two, OPTION).quantity).toBe(130);
    expect(worthOf(two, OPTION, 10)).toBe(1300);
  });
});

describe("GTT", () => {
  const single = { kind: "SINGLE", price: "750.00", trigger: "751.00" } as const;
  it("waits on the side of the market its trigger lies on", () => {
    expect(triggerSide(terms(single), SHARE, 800)).toBe("below");
    expect(gttRequest(terms(single), SHARE, 800)).toMatchObject({ triggerprice_sl: 751 });
    expect(gttRequest(terms(single), SHARE, 700)).toMatchObject({ triggerprice_tg: 751 });
    expect(gttRequest(terms(single), SHARE, 700)).not.toHaveProperty("triggerprice_sl");
  });
  it("is never for the day only", () => {
    expect(gttRequest(terms({ ...single, product: "MIS" }), SHARE, 800).product).toBe("CNC");
  });
  it("needs to know the market", () => {
    expect(mistakes(single, null)).toHaveProperty("trigger");
    expect(mistakes(single, 751)).toHaveProperty("trigger");
  });
  it("has the market between its two triggers", () => {
    const oco = {
      kind: "OCO",
      lower: "780.00",
      lowerLimit: "779.00",
      upper: "820.00",
      upperLimit: "821.00",
    } as const;
    expect(mistakes(oco)).toEqual({});
    expect(mistakes(oco, 780)).toHaveProperty("lower");
    expect(mistakes(oco, 825)).toHaveProperty("upper");
    expect(gttRequest(terms(oco), SHARE, 800)).toMatchObject({
      triggerprice_sl: 780,
      stoploss: 779,
      triggerprice_tg: 820,
      target: 821,
    });
    expect(gttRequest(terms({ ...oco, gttMarket: true }), SHARE, 800)).toMatchObject({
      pricetype: "MARKET",
      stoploss: 780,
      target: 820,
    });
  });
  it("does not go above what the exchange takes at once", () => {
    const large = { ...blankTerms(OPTION, "BUY", null), ...single, quantity: "28" };
    expect(mistakesOf(large, OPTION, { ltp: 800 })).toHaveProperty("quantity");
  });
});

describe("an order that is changed", () => {
  const order = {
    orderid: "1",
    symbol: "SBIN",
    exchange: "NSE",
    action: "SELL",
    product: "CNC",
    quantity: 10,
    pricetype: "LIMIT",
    price: 810.5,
    trigger_price: 0,
    strategy: "mine",
  } as OrderRow;
  const same = { ...BLANK, ...termsOfOrder(order, SHARE) };
  it("has not changed until something differs", () => {
    expect(changes(same, SHARE, order)).toBe(false);
    expect(changes({ ...same, price: "810.5" }, SHARE, order)).toBe(false);
    for (const change of [
      { price: "810.55" },
      { quantity: "9" },
      { pricetype: "MARKET" },
    ] as const) {
      expect(changes({ ...same, ...change }, SHARE, order)).toBe(true);
    }
  });
  it("is sent whole", () => {
    expect(modifyRequest({ ...same, price: "811.00" }, SHARE, order)).toEqual({
      strategy: "mine",
      symbol: "SBIN",
      exchange: "NSE",
      action: "SELL",
      quantity: 10,
      pricetype: "LIMIT",
      product: "CNC",
      price: 811,
      trigger_price: 0,
      disclosed_quantity: 0,
      orderid: "1",
    });
  });
});

it("takes over what whoever asked knows, and nothing that does not fit", () => {
  const asked = { action: "SELL", quantity: 100, product: "CNC", price: 10 } as const;
  const mine = suggest(blankTerms(OPTION, "BUY", null), asked, OPTION);
  expect(mine).toMatchObject({ action: "SELL", quantity: "1", product: "MIS", price: "10.00" });
});
