import { expect, it } from "vitest";
import { changeOf } from "./change";
import { moving, movingPercent, profitAt } from "./profit";

it("moves the server's figure with the price, for long and short", () => {
  expect(profitAt({ quantity: 10, ltp: 100, profit: 250, multiplier: 1 }, 101)).toBe(260);
  expect(profitAt({ quantity: -10, ltp: 100, profit: 250, multiplier: 1 }, 101)).toBe(240);
});
it("counts all units of a contract: one lot of crude oil is 100 barrels", () => {
  const held = { quantity: -1, ltp: 5490, profit: 1500, multiplier: 100 };
  expect(profitAt(held, 5480)).toBe(2500);
});
it("keeps what is realised once the position is closed", () => {
  expect(profitAt({ quantity: 0, ltp: 100, profit: 75, multiplier: 1 }, 120)).toBe(75);
});
it("is the server's figure before the first tick", () => {
  expect(profitAt({ quantity: 10, ltp: 100, profit: 250, multiplier: 1 }, undefined)).toBe(250);
});
it("is unknown where the server does not know it", () => {
  expect(profitAt({ quantity: 10, ltp: 100, profit: Number.NaN, multiplier: 1 }, 101)).toBeNull();
  expect(profitAt({ quantity: 10, ltp: 100, profit: null, multiplier: 1 }, 101)).toBeNull();
});
it("gives no change without a last close", () => {
  expect(changeOf(110, 100)).toBe(10);
  expect(changeOf(110, 0)).toBeNull();
  expect(changeOf(undefined, 100)).toBeNull();
});

const ROW = {
  symbol: "BTCUSDFUT",
  exchange: "CRYPTO",
  quantity: -5,
  ltp: 200,
  average_price: 250,
  pnlpercent: 20,
  multiplier: 0.001,
};

it("moves by the contract's multiplier", () => {
  expect(profitAt(moving(ROW, 0.25), 198)).toBeCloseTo(0.26);
});
it("moves the percent by the part of what was paid, whatever the multiplier", () => {
  expect(profitAt(movingPercent(ROW), 195)).toBeCloseTo(22);
  expect(profitAt(movingPercent({ ...ROW, quantity: 5, pnlpercent: -20 }), 205)).toBeCloseTo(-18);
});
it("has no percent of what is closed, or was got for an unknown price", () => {
  expect(profitAt(movingPercent({ ...ROW, quantity: 0 }), 195)).toBeNull();
  expect(profitAt(movingPercent({ ...ROW, average_price: null }), 195)).toBeNull();
});
