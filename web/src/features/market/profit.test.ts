import { expect, it } from "vitest";
import { changeOf } from "./change";
import { profitAt } from "./profit";

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
});
it("gives no change without a last close", () => {
  expect(changeOf(110, 100)).toBe(10);
  expect(changeOf(110, 0)).toBeNull();
  expect(changeOf(undefined, 100)).toBeNull();
});
