import { expect, it } from "vitest";
import { draftAt, levelOf, movedTo, wouldFillAtOnce } from "./order-levels";

const SBIN = { symbol: "SBIN", exchange: "NSE" };

it("draws an order where it waits, and moves what makes it wait there", () => {
  const limit = { pricetype: "LIMIT", price: 800, trigger_price: 0 } as const;
  const stop = { pricetype: "SL-M", price: 0, trigger_price: 790 } as const;
  const both = { pricetype: "SL", price: 789.5, trigger_price: 790 } as const;
  expect([limit, stop, both].map(levelOf)).toEqual([800, 790, 790]);
  expect(movedTo(limit, 801, 2)).toEqual({ price: 801 });
  expect(movedTo(stop, 791, 2)).toEqual({ triggerPrice: 791 });
  expect(movedTo(both, 780.1, 2)).toEqual({ triggerPrice: 780.1, price: 779.6 });
});

it("knows which side of the market an order has to wait on", () => {
  const at = (price: number) =>
    (["BUY", "SELL"] as const).flatMap((action) =>
      (["limit", "stop"] as const).map((choice) => wouldFillAtOnce(action, choice, price, 100)),
    );
  expect(at(99)).toEqual([false, true, true, false]);
  expect(at(101)).toEqual([true, false, false, true]);
  expect(at(100)).toEqual([false, true, false, true]);
  expect(wouldFillAtOnce("BUY", "stop", 99, null)).toBe(false);
});

it("gives the stop of an option a limit", () => {
  expect(draftAt(SBIN, "BUY", "limit", 800)).toEqual({
    ...SBIN,
    action: "BUY",
    pricetype: "LIMIT",
    price: 800,
  });
  expect(draftAt(SBIN, "SELL", "stop", 790)).toMatchObject({
    pricetype: "SL-M",
    triggerPrice: 790,
  });
  const option = { symbol: "NIFTY25NOV2524500CE", exchange: "NFO" };
  expect(draftAt(option, "SELL", "stop", 90)).toMatchObject({
    pricetype: "SL",
    price: 90,
    triggerPrice: 90,
  });
});
