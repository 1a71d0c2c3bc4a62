import { expect, it } from "vitest";
import { candle, chance } from "../candles/testing";
import { ema, sma, vwap, wilder } from "./averages";
import { bollinger, supertrend } from "./bands";
import { CATALOGUE, KINDS, linesOf, newIndicator, readIndicator } from "./catalogue";
import { rsi } from "./rsi";

function walk(seed: number, count: number) {
  const next = chance(seed);
  let close = 500;
  return Array.from({ length: count }, (_, at) => {
    const open = close;
    close = Math.max(5, close + (next() - 0.5) * 20);
    const [high, low] = [Math.max(open, close) + next() * 4, Math.min(open, close) - next() * 4];
    return candle(at * 60, close, { open, high, low, volume: Math.floor(next() * 900) });
  });
}

it("means the last ones", () => {
  expect(sma([1, 2, 3, 4], 2)).toEqual([null, 1.5, 2.5, 3.5]);
  expect(ema([2, 4, 6, 9], 2)).toEqual([null, 3, 5, expect.closeTo(7.667, 3)]);
  expect(wilder([2, 4, 6], 2)).toEqual([null, 3, 4.5]);
});

it("has no line of a few candles only", () => {
  for (const kind of KINDS) {
    if (kind === "vwap") continue;
    const interval = { name: "1m", unit: "m", seconds: 60 } as const;
    for (const { values } of linesOf(newIndicator(kind), walk(1, 5), interval, 0)) {
      expect(values).toEqual([null, null, null, null, null]);
    }
    expect(linesOf(newIndicator(kind), [], interval, 0).flatMap(({ values }) => values)).toEqual(
      [],
    );
  }
});

it("weighs prices by volume and begins anew each day", () => {
  const day = [
    candle(0, 100, { volume: 1 }),
    candle(60, 200, { volume: 3 }),
    candle(86_400, 300, { volume: 0 }),
    candle(86_460, 400, { volume: 5 }),
  ];
  expect(vwap(day, ({ time }) => Math.floor(time / 86_400))).toEqual([100, 175, null, 400]);
});

it("puts the bands as far apart as prices spread", () => {
  const { upper, middle, lower } = bollinger([2, 4, 4, 4, 5, 5, 7, 9], 8, 2);
  expect([lower.at(-1), middle.at(-1), upper.at(-1)]).toEqual([1, 5, 9]);
});

it("tells rising from falling between 0 and 100", () => {
  expect(rsi([1, 2, 3, 4, 5], 3).at(-1)).toBe(100);
  expect(rsi([5, 4, 3, 2, 1], 3).at(-1)).toBe(0);
  expect(rsi([5, 5, 5, 5, 5], 3).at(-1)).toBe(50);
  // The example of the book: 14 days, then one more.
  const closes = [
    44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.1, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61, 46.28,
    46.28, 46.0,
  ];
  const values = rsi(closes, 14);
  expect(values[13]).toBeNull();
  expect(values[14]).toBeCloseTo(70.46, 1);
  expect(values[15]).toBeCloseTo(66.25, 1);
});

it("stands on one side of the price, and never steps back in a trend", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const candles = walk(seed, 300);
    const { line, rising } = supertrend(candles, 10, 3);
    let changes = 0;
    candles.forEach(({ close }, at) => {
      const [value, before] = [line[at] ?? null, line[at - 1] ?? null];
      expect(value === null).toBe(at < 9);
      if (value === null || before === null) return;
      if (rising[at]) expect(value).toBeLessThanOrEqual(close);
      else expect(value).toBeGreaterThanOrEqual(close);
      if (rising[at] !== rising[at - 1]) changes += 1;
      else if (rising[at]) expect(value).toBeGreaterThanOrEqual(before);
      else expect(value).toBeLessThanOrEqual(before);
    });
    expect(changes).toBeGreaterThan(0);
  }
});

it("gives a value for each candle, whatever the indicator", () => {
  const interval = { name: "1m", unit: "m", seconds: 60 } as const;
  for (const kind of KINDS) {
    const lines = linesOf(newIndicator(kind), walk(3, 120), interval, 1);
    for (const { values } of lines) expect(values).toHaveLength(120);
  }
});

it("takes back what was kept, unless it is nonsense", () => {
  for (const kind of KINDS) {
    const made = newIndicator(kind);
    expect(readIndicator(JSON.parse(JSON.stringify(made)))).toEqual(made);
  }
  const [setting] = CATALOGUE.sma.settings;
  expect(readIndicator({ kind: "sma", settings: [(setting?.max ?? 0) + 1] })).toBeNull();
  expect(readIndicator({ kind: "sma", settings: ["20"] })).toBeNull();
  expect(readIndicator({ kind: "magic", settings: [] })).toBeNull();
  expect(readIndicator(null)).toBeNull();
});
