import { describe, expect, it } from "vitest";
import { flipped, legOf, moved, readLegs, withChange, withCopy } from "./legs";
import { fatesOf, ordersOf, parts, problemOf, remaining, type Terms } from "./orders";

const NIFTY: Terms = { lotsize: 65, tick_size: 0.05, freeze_qty: 1800, freeze_qty_known: true };
const SHARE: Terms = { lotsize: 1, tick_size: 0.05, freeze_qty: 1, freeze_qty_known: false };
const terms = () => NIFTY;
const leg = (more: object = {}) =>
  legOf({ symbol: "NIFTY01DEC2625000CE", exchange: "NFO", action: "SELL", ...more });

describe("a new leg", () => {
  it("is one lot at the market, to be kept overnight for derivatives", () => {
    expect(leg()).toMatchObject({ lots: 1, pricetype: "MARKET", price: null, product: "NRML" });
    expect(legOf({ symbol: "SBIN", exchange: "NSE", action: "BUY" }).product).toBe("MIS");
  });

  it("is a limit order where it comes with a price", () => {
    expect(leg({ price: 12.5 })).toMatchObject({ pricetype: "LIMIT", price: 12.5 });
  });
});

describe("the list of legs", () => {
  const [first, second] = [leg(), leg()];

  it("can be put in another order, within its ends", () => {
    expect(moved([first, second], first.id, 1)).toEqual([second, first]);
    expect(moved([first, second], first.id, -1)).toEqual([first, second]);
  });

  it("forgets why a leg failed when the leg is changed", () => {
    const failed = { ...first, failure: "No money" };
    const [changed] = withChange([failed], first.id, { action: flipped(failed) });
    expect(changed).toEqual({ ...first, action: "BUY" });
  });

  it("copies a leg as one of its own", () => {
    const [one, copy] = withCopy([first], first.id);
    expect(copy).toEqual({ ...one, id: copy?.id });
    expect(copy?.id).not.toBe(one?.id);
  });

  it("leaves out what is no leg when it is read from the browser", () => {
    expect(readLegs([first, null, { ...first, lots: "1" }, { ...first, action: "HOLD" }])).toEqual([
      first,
    ]);
    expect(readLegs("nonsense")).toEqual([]);
  });
});

describe("orders of a leg", () => {
  it("are in units", () => {
    expect(ordersOf([leg({ lots: 2, price: 10 })], terms)).toMatchObject([
      { quantity: 130, pricetype: "LIMIT", price: 10 },
    ]);
  });

  it("are split in whole lots above the freeze quantity", () => {
    expect(parts(1755, NIFTY)).toEqual([1755]);
    expect(parts(1820, NIFTY)).toEqual([1755, 65]);
    expect(parts(65 * 60, NIFTY)).toEqual([1755, 1755, 390]);
    expect(parts(1755 * 2, NIFTY)).toEqual([1755, 1755]);
  });

  it("are not split where nobody knows the limit", () => {
    expect(parts(1_000_000, SHARE)).toEqual([1_000_000]);
  });

  it("keep every unit, whatever the limits", () => {
    for (let lots = 1; lots < 200; lots++) {
      const made = parts(lots * 65, NIFTY) ?? [];
      expect(made.reduce((sum, part) => sum + part, 0)).toBe(lots * 65);
      expect(Math.max(...made)).toBeLessThanOrEqual(1800);
      expect(made.every((part) => part > 0 && part % 65 === 0)).toBe(true);
    }
  });
});

describe("a leg that cannot be sent", () => {
  it.each<[object, Terms, RegExp]>([
    [{ lots: 0 }, NIFTY, /Lots are whole/],
    [{ lots: 1.5 }, NIFTY, /Lots are whole/],
    [{ lots: Number.NaN }, SHARE, /whole number/],
    [{ pricetype: "LIMIT" }, NIFTY, /needs a price/],
    [{ price: 10.02 }, NIFTY, /go by 0.05/],
    [{}, { ...NIFTY, freeze_qty: 50 }, /above the freeze quantity/],
  ])("says why: %o", (more, given, words) => {
    expect(problemOf(leg(more), given)).toMatch(words);
  });

  it("is not one with good terms", () => {
    expect(problemOf(leg({ price: 301.95 }), NIFTY)).toBeNull();
    expect(problemOf(leg({ price: 83.0025 }), { ...NIFTY, tick_size: 0.0025 })).toBeNull();
    expect(problemOf(leg({ price: 7 }), { ...NIFTY, tick_size: 0 })).toBeNull();
  });
});

describe("what became of a basket", () => {
  const [good, bad, part] = [leg(), leg(), leg({ lots: 28 })];
  const orders = ordersOf([good, bad, part], terms);
  const row = (index: number, more: object = {}) => ({
    index,
    status: "success" as const,
    orderid: `order-${index}`,
    ...more,
  });
  const refused = (index: number, code = "insufficient_funds") => ({
    index,
    status: "error" as const,
    message: "Insufficient funds",
    code,
  });

  it("lets go of what was placed, and keeps the rest with its reason", () => {
    const fates = fatesOf(orders, [row(0), refused(1), row(2), refused(3)]);
    expect(fates.get(good.id)).toEqual({
      placed: 65,
      restLots: 0,
      orderIds: ["order-0"],
      reason: null,
      unknown: false,
    });
    expect(remaining([good, bad, part], fates)).toEqual([
      { ...bad, failure: "Insufficient funds" },
      { ...part, lots: 1, failure: "Insufficient funds" },
    ]);
  });

  it("says the same however often it is asked", () => {
    const fates = fatesOf(orders, [row(0), refused(1), row(2), refused(3)]);
    const once = remaining([good, bad, part], fates);
    expect(remaining(once, fates)).toEqual(once);
    const finished = fatesOf(orders, [row(0), refused(1), row(2), row(3)]);
    expect(remaining(once, finished)).toMatchObject([{ id: bad.id }]);
  });

  it("knows which orders nobody can tell of", () => {
    const fates = fatesOf(orders, [row(0), refused(1, "order_outcome_unknown"), row(2)]);
    expect(fates.get(bad.id)?.unknown).toBe(true);
    expect(fates.get(part.id)?.unknown).toBe(true);
    expect(fates.get(good.id)?.unknown).toBe(false);
  });

  it("does not touch legs that were added meanwhile", () => {
    const added = leg();
    expect(remaining([added], fatesOf(orders, []))).toEqual([added]);
  });
});
