import { describe, expect, it } from "vitest";
import { curveOf, type PayoffLeg, payoffOf, profitAtExpiry, rangeOf } from "./payoff";

const LOT = 65;

/** `+25000C 150`, `-2x25200C 70`, `+FUT 25050`: sign, lots, what, and the entry price. */
function legs(...texts: string[]): PayoffLeg[] {
  return texts.map((text) => {
    const [, sign, lots, strike, kind, entry] =
      /^([+-])(?:(\d+)x)?(?:(\d+)([CP])|FUT) ([\d.]+)$/.exec(text) ?? [];
    return {
      kind: kind === "C" ? "CE" : kind === "P" ? "PE" : "LINEAR",
      strike: Number(strike ?? 0),
      quantity: (sign === "-" ? -LOT : LOT) * Number(lots ?? 1),
      entry: Number(entry),
    };
  });
}

const INF = Number.POSITIVE_INFINITY;

describe("a payoff", () => {
  it.each<[string, string[], number, number, number[]]>([
    ["bull call spread", ["+25000C 150", "-25200C 70"], 7800, -5200, [25080]],
    ["short straddle", ["-25000C 150", "-25000P 140"], 18850, -INF, [24710, 25290]],
    [
      "iron condor",
      ["+24500P 20", "-24700P 45", "-25300C 50", "+25500C 22"],
      3445,
      -9555,
      [24647, 25353],
    ],
    ["ratio back spread", ["-25000C 150", "+2x25200C 70"], INF, -12350, [25010, 25390]],
    ["covered future", ["+FUT 25050", "-25300C 50"], 19500, -1625000, [25000]],
    [
      "wide ratio strangle",
      ["+25500C 22", "-2x25750C 9", "+24500P 20", "-2x24250P 10"],
      15990,
      -INF,
      [24004, 24496, 25504, 25996],
    ],
    ["butterfly", ["+24800C 290", "-2x25000C 150", "+25200C 70"], 9100, -3900, [24860, 25140]],
    ["collar", ["+FUT 25000", "+24800P 60", "-25250C 60"], 16250, -13000, [25000]],
  ])("of a %s", (_name, texts, maxProfit, maxLoss, breakevens) => {
    const payoff = payoffOf(legs(...texts));
    expect(payoff.maxProfit).toBeCloseTo(maxProfit, 6);
    expect(payoff.maxLoss).toBeCloseTo(maxLoss, 6);
    expect(payoff.breakevens).toHaveLength(breakevens.length);
    breakevens.forEach((price, place) => {
      expect(payoff.breakevens[place]).toBeCloseTo(price, 6);
    });
  });

  it("of a long put is most where the underlying is worth nothing", () => {
    expect(payoffOf(legs("+25000P 140"))).toEqual({
      maxProfit: (25000 - 140) * LOT,
      maxLoss: -140 * LOT,
      breakevens: [24860],
    });
  });

  it("has the ends of a stretch without profit as breakevens, but never a price of zero", () => {
    expect(payoffOf(legs("+25000C 0")).breakevens).toEqual([25000]);
    expect(payoffOf(legs("+25000C 50", "-25000C 50")).breakevens).toEqual([25000]);
  });

  it("agrees with looking at every rupee", () => {
    const random = generator(7);
    for (let round = 0; round < 60; round++) {
      const position = Array.from({ length: 1 + Math.floor(random() * 5) }, () => ({
        kind: (["CE", "PE", "LINEAR"] as const)[Math.floor(random() * 3)] ?? "CE",
        strike: 50 + Math.floor(random() * 200),
        quantity: Math.round((random() - 0.5) * 10) || 1,
        entry: Math.round(random() * 400) / 10 + 0.05,
      })).map((leg) => (leg.kind === "LINEAR" ? { ...leg, strike: 0, entry: 100.05 } : leg));
      const payoff = payoffOf(position);
      const prices = Array.from({ length: 4001 }, (_, step) => step);
      const profits = prices.map((price) => profitAtExpiry(position, price));
      if (Number.isFinite(payoff.maxProfit))
        expect(payoff.maxProfit).toBeCloseTo(Math.max(...profits), 6);
      if (Number.isFinite(payoff.maxLoss))
        expect(payoff.maxLoss).toBeCloseTo(Math.min(...profits), 6);
      const crossings = profits.filter(
        (profit, step) => step > 0 && profit * (profits[step - 1] ?? 0) < 0,
      ).length;
      expect(payoff.breakevens.filter((price) => price < 4000)).toHaveLength(crossings);
      for (const price of payoff.breakevens) {
        expect(profitAtExpiry(position, price)).toBeCloseTo(0, 6);
      }
    }
  });
});

describe("what is drawn", () => {
  it("contains strikes, breakevens and the price now", () => {
    const position = legs("+25000C 150", "-25200C 70");
    const [low, high] = rangeOf(position, [25080], 24900);
    expect(low).toBeLessThan(24900);
    expect(high).toBeGreaterThan(25200);
    expect(curveOf(position, [low, high]).map(({ price }) => price)).toEqual([
      low,
      25000,
      25200,
      high,
    ]);
  });

  it("has room around a single future", () => {
    const [low, high] = rangeOf(legs("+FUT 100"), [100], null);
    expect(low).toBeLessThan(100);
    expect(high).toBeGreaterThan(100);
  });
});

/** The same numbers every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}
