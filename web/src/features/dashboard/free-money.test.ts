import { expect, it } from "vitest";
import { freeMoney } from "./free-money";

const profit = { m2munrealized: "0.00", m2mrealized: "0.00" };

it("is what a broker's margins leave, the collateral included", () => {
  const funds = { availablecash: "346093.30", collateral: "1000.00", utiliseddebits: "145706.55" };
  expect(freeMoney({ ...profit, ...funds })).toBeCloseTo(201_386.75);
});

it("is what the paper exchange says is free", () => {
  const funds = { availablecash: 9_999_805.9, collateral: 0, utiliseddebits: 194.1 };
  expect(freeMoney(funds as Parameters<typeof freeMoney>[0])).toBe(9_999_805.9);
});

it("is not guessed", () => {
  const funds = { availablecash: "100.00", collateral: "0.00", utiliseddebits: "" };
  expect(freeMoney({ ...profit, ...funds })).toBeNull();
  expect(freeMoney(undefined)).toBeNull();
});
