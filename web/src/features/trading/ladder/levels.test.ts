import { expect, it } from "vitest";
import { chance } from "../candles/testing";
import { groupFor, isAstray, priceOf, quantities, rowOf } from "./levels";

const PAISE = { tick: 0.05, group: 1, decimals: 2 };

it("has a row for every price of an order, and back", () => {
  for (const tick of [0.05, 0.1, 0.01, 1, 0.0025]) {
    for (let count = 1; count < 5_000; count += 37) {
      const steps = { tick, group: 1, decimals: 4 };
      const price = Number((count * tick).toFixed(4));
      for (const side of ["bid", "ask", "last"] as const) {
        expect(priceOf(rowOf(price, side, steps), steps)).toBe(price);
      }
    }
  }
});

it("groups without making a price look better than it is", () => {
  const next = chance(5);
  for (let turn = 0; turn < 300; turn += 1) {
    const steps = { ...PAISE, group: 1 + Math.floor(next() * 20) };
    const price = Number((Math.ceil(next() * 20_000) * 0.05).toFixed(2));
    expect(priceOf(rowOf(price, "bid", steps), steps)).toBeLessThanOrEqual(price);
    expect(priceOf(rowOf(price, "ask", steps), steps)).toBeGreaterThanOrEqual(price);
  }
});

it("adds up what waits in a row, and forgets empty levels", () => {
  const levels = [
    { price: 100.1, quantity: 5 },
    { price: 100.05, quantity: 7 },
    { price: 0, quantity: 0 },
  ];
  expect(quantities(levels, "bid", { ...PAISE, group: 2 })).toEqual(
    new Map([
      [1_001, 5],
      [1_000, 7],
    ]),
  );
  expect(quantities(levels, "ask", { ...PAISE, group: 5 })).toEqual(new Map([[401, 12]]));
});

it("shows the whole book without wider steps than needed", () => {
  const book = (spread: number) => [
    { price: 100, quantity: 1 },
    { price: 100 + spread, quantity: 1 },
  ];
  expect(groupFor(book(0.5), 0.05, 21)).toBe(1);
  expect(groupFor(book(3), 0.05, 21)).toBe(5);
  expect(groupFor([], 0.05, 21)).toBe(1);
});

it("wants the last price near the middle", () => {
  expect(isAstray(103, 100, 21)).toBe(false);
  expect(isAstray(107, 100, 21)).toBe(true);
});
