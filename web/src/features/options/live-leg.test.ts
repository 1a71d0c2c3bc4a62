import { describe, expect, it } from "vitest";
import { shownOf, touchOf } from "./live-leg";
import { leg } from "./testing";

const AT = 1_796_119_200;
const tick = (more: object) => ({
  symbol: "x",
  exchange: "NFO",
  timestamp: (AT + 1) * 1000,
  ...more,
});

describe("an option of the chain", () => {
  it("is what the server said before the first tick", () => {
    expect(shownOf(leg("x"), undefined)).toEqual({
      ltp: 100,
      bid: 99.95,
      ask: 100.05,
      bidQty: 65,
      askQty: 130,
      volume: 1000,
      oi: 5000,
      prevClose: 95,
    });
  });

  it("takes from a newer tick what it tells, and keeps the rest", () => {
    const shown = shownOf(leg("x"), tick({ ltp: 101, oi: 6000 }));
    expect(shown).toMatchObject({ ltp: 101, oi: 6000, bid: 99.95, volume: 1000 });
  });

  it("reads the book where a tick has no best prices of its own", () => {
    const depth = {
      buy: [{ price: 100.9, quantity: 195 }],
      sell: [{ price: 101.1, quantity: 260 }],
    };
    expect(shownOf(leg("x"), tick({ ltp: 101, depth }))).toMatchObject({
      bid: 100.9,
      ask: 101.1,
      bidQty: 195,
      askQty: 260,
    });
    expect(shownOf(leg("x"), tick({ bid_price: 100.8, bid_size: 65, depth }))).toMatchObject({
      bid: 100.8,
      bidQty: 65,
    });
  });

  it("does not go back to a tick that is older than the reply", () => {
    const old = tick({ ltp: 90, oi: 1, timestamp: (AT - 5) * 1000 });
    expect(shownOf(leg("x"), old)).toMatchObject({ ltp: 100, oi: 5000 });
    expect(shownOf(leg("x", { bid: 0 }), { ...old, bid_price: 89 })).toMatchObject({ bid: 89 });
  });

  it("is unknown where nothing was quoted, until a tick comes", () => {
    const silent = leg("x", { quote_ts: null, ltp: 0, bid: 0, ask: 0, volume: 0, oi: 0 });
    expect(shownOf(silent, undefined)).toMatchObject({ ltp: null, volume: null, oi: null });
    expect(shownOf(silent, tick({ ltp: 3 }))).toMatchObject({ ltp: 3, oi: null });
  });

  it("has no bid any more when a newer tick says so", () => {
    expect(shownOf(leg("x"), tick({ bid_price: 0 })).bid).toBeNull();
    expect(shownOf(leg("x"), tick({ depth: { buy: [], sell: [] } })).ask).toBeNull();
    expect(shownOf(leg("x"), tick({ ltp: 0 })).ltp).toBe(100);
  });

  it("has no price of zero, but may have traded nothing", () => {
    const shown = shownOf(leg("x", { bid: 0, bid_qty: 0, volume: 0 }), undefined);
    expect(shown).toMatchObject({ bid: null, bidQty: null, volume: 0 });
  });
});

it("buys at the ask, sells at the bid, and else at the last price", () => {
  const shown = shownOf(leg("x"), undefined);
  expect(touchOf(shown, "BUY")).toBe(100.05);
  expect(touchOf(shown, "SELL")).toBe(99.95);
  expect(touchOf({ ...shown, ask: null }, "BUY")).toBe(100);
  expect(touchOf({ ...shown, bid: null, ltp: null }, "SELL")).toBeNull();
});
