import { expect, test } from "vitest";
import { pricesOf } from "./prices";

test.each([
  ["0", "0", "market"],
  ["812", "0", "812.00"],
  ["812", "811.05", "812.00, trigger 811.05"],
  ["0", "811.05", "market, trigger 811.05"],
  ["799 / 830", "800 / 829.5", "799.00 / 830.00, trigger 800.00 / 829.50"],
  ["0 / 0", "800 / 829.5", "market / market, trigger 800.00 / 829.50"],
  ["Multiple", "0", "multiple"],
])("%s and %s are %s", (price, trigger_price, text) => {
  expect(pricesOf({ price, trigger_price })).toBe(text);
});
