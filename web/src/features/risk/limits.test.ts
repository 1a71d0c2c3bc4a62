import { expect, it } from "vitest";
import { requestOf, shareOf, valuesOf } from "./limits";

const NONE = {
  enforce_tick: null,
  enforce_freeze: true,
  price_band_percent: null,
  max_quantity: 1000,
  max_notional: null,
  orders_per_second: null,
  kept_for_exits: null,
  count_changes: true,
  max_orders_per_day: 0,
  max_loss_per_day: 10000.5,
};

it("sends back what it was given", () => {
  const { body, errors } = requestOf(valuesOf(NONE));
  expect(errors).toEqual({});
  expect(body).toEqual(NONE);
});

it("takes amounts as traders write them", () => {
  const { body } = requestOf({ ...valuesOf(NONE), max_loss_per_day: "₹ 1,50,000.50" });
  expect(body.max_loss_per_day).toBe(150_000.5);
});

it("says what is no number, and sends nothing in its place", () => {
  const values = { ...valuesOf(NONE), max_quantity: "ten", max_orders_per_day: "2.5" };
  const { body, errors } = requestOf(values);
  expect(errors).toEqual({
    max_quantity: "This is no number.",
    max_orders_per_day: "Whole numbers only.",
  });
  expect(body.max_quantity).toBeUndefined();
});

it("measures what is used", () => {
  expect(shareOf(50, 200)).toBe(0.25);
  expect(shareOf(500, 200)).toBe(1);
  expect(shareOf(-350, 200)).toBe(0);
  expect(shareOf(0, 0)).toBe(1);
  expect(shareOf(3, null)).toBeNull();
});
