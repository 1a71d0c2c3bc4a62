import { describe, expect, it } from "vitest";
import { PriceGrid } from "./price-grid";

const TICKS = [0.0025, 0.01, 0.05, 0.1, 0.25, 1, 0.00000001];

describe.each(TICKS)("a tick of %s", (tick) => {
  const grid = new PriceGrid(tick);
  const prices = Array.from({ length: 200 }, (_, n) => (n + 1) * tick * 7.3 + 0.37 * n);

  it("snaps any price to a multiple, never further than half a tick", () => {
    for (const price of prices) {
      const text = grid.snap(price);
      expect(grid.isOn(text), text).toBe(true);
      expect(Math.abs(Number(text) - price)).toBeLessThanOrEqual(tick * 0.5 + tick * 1e-3 + 1e-9);
    }
  });

  it("comes back when it steps up and down", () => {
    for (const price of prices) {
      const text = grid.snap(price);
      expect(grid.step(grid.step(text, 3), -3)).toBe(text);
      expect(Number(grid.step(text, 1)) - Number(text)).toBeCloseTo(tick, 8);
    }
  });

  it("never steps to zero", () => {
    expect(Number(grid.step(grid.snap(tick), -1))).toBeCloseTo(tick, 9);
    expect(Number(grid.step("", -1))).toBeCloseTo(tick, 9);
  });
});

it("goes to the neighbour first from between two ticks", () => {
  const grid = new PriceGrid(0.05);
  expect(grid.step("100.03", 1)).toBe("100.05");
  expect(grid.step("100.03", -1)).toBe("100.00");
});

it("shows the decimals of the tick, and paise at least", () => {
  expect(new PriceGrid(0.0025).decimals).toBe(4);
  expect(new PriceGrid(0.0025).snap(84.12345)).toBe("84.1225");
  expect(new PriceGrid(1).snap(5400.4)).toBe("5400.00");
  expect(new PriceGrid(0.1).format(967.5)).toBe("967.50");
});

it("reads what traders type, and nothing else", () => {
  const grid = new PriceGrid(0.05);
  expect(grid.read("1,00,000.50")).toBe(100000.5);
  expect(grid.read(".5")).toBe(0.5);
  for (const text of ["", ".", "abc", "1e3", "-4", "1.2.3"]) expect(grid.read(text)).toBeNull();
  expect(grid.isOn("100.051")).toBe(false);
  expect(grid.isOn("100.0500")).toBe(true);
});

it("takes any price where there is no grid", () => {
  const grid = new PriceGrid(0);
  expect(grid.isOn("12.34")).toBe(true);
  expect(grid.step("12.34", 1)).toBe("12.35");
});

it("shows a dash for what is not known", () => {
  expect(new PriceGrid(0.05).format(0)).toBe("—");
  expect(new PriceGrid(0.05).format(undefined)).toBe("—");
});
