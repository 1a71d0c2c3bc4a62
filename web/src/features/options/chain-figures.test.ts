import { expect, it } from "vitest";
import type { ChainRow } from "@/client";
import { figuresOf, maxPainOf, mostOi, timeLeft, unknownOptions } from "./chain-figures";
import { chainOf, leg } from "./testing";

const CALLS = [3250, 6500, 13000, 26000, 45500, 162500, 117000, 208000, 97500, 260000, 78000];
const PUTS = [65000, 182000, 71500, 227500, 110500, 195000, 39000, 32500, 9750, 13000, 1625];

/** The chain that is worked through in our notes. */
const WORKED: ChainRow[] = CALLS.map((call, place) => {
  const strike = 24_750 + 50 * place;
  return {
    strike,
    ce: leg(`${strike}CE`, { oi: call, volume: call }),
    pe: leg(`${strike}PE`, { oi: PUTS[place] ?? 0, volume: 0 }),
  };
});

it("counts open contracts, and puts per call", () => {
  const figures = figuresOf(WORKED);
  expect(figures.callOi).toBe(1_017_250);
  expect(figures.putOi).toBe(947_375);
  expect(figures.pcr).toBeCloseTo(0.93, 2);
  expect(figures.volumePcr).toBe(0);
  expect(figures.maxPain).toBe(25_000);
  expect(mostOi(WORKED)).toBe(260_000);
});

it("finds the same strike as adding up every option at every strike", () => {
  let state = 3;
  const random = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  for (let round = 0; round < 40; round++) {
    let strike = 1000;
    const rows = Array.from({ length: 2 + Math.floor(random() * 30) }, () => {
      strike += 50 * (1 + Math.floor(random() * 3));
      return {
        strike,
        ce: random() < 0.1 ? null : leg("C", { oi: Math.floor(random() * 1e6) }),
        pe: random() < 0.1 ? null : leg("P", { oi: Math.floor(random() * 1e6) }),
      };
    });
    const pains = rows.map(({ strike: at }) =>
      rows.reduce(
        (sum, row) =>
          sum +
          (row.ce?.oi ?? 0) * Math.max(at - row.strike, 0) +
          (row.pe?.oi ?? 0) * Math.max(row.strike - at, 0),
        0,
      ),
    );
    expect(maxPainOf(rows)).toBe(rows[pains.indexOf(Math.min(...pains))]?.strike);
  }
});

it("says unknown where nothing is known, and never zero", () => {
  const rows = chainOf(1, { quote_ts: null, oi: 0, volume: 0, ltp: 0 });
  expect(figuresOf(rows)).toEqual({
    callOi: null,
    putOi: null,
    pcr: null,
    volumePcr: null,
    maxPain: null,
  });
  expect(unknownOptions(rows)).toHaveLength(6);
  expect(figuresOf([])).toMatchObject({ callOi: null, maxPain: null });
});

it("leaves out what is unknown, and names it", () => {
  const rows = chainOf(1);
  const middle = rows[1];
  if (middle) middle.pe = leg("x", { quote_ts: null, oi: 999 });
  expect(unknownOptions(rows)).toEqual(["25000 PE"]);
  expect(figuresOf(rows).putOi).toBe(10_000);
});

it("does not divide by no calls", () => {
  expect(figuresOf([{ strike: 1, ce: null, pe: leg("P") }]).pcr).toBeNull();
});

it("says how much time is left", () => {
  expect(timeLeft(0, 86_400 * 12.4)).toBe("12 days");
  expect(timeLeft(0, 86_400 * 2.44)).toBe("2.4 days");
  expect(timeLeft(0, 3600 * 5 + 60 * 20)).toBe("5 h 20 min");
  expect(timeLeft(0, 90)).toBe("1 min");
  expect(timeLeft(100, 100)).toBe("expired");
});
