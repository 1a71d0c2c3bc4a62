import { describe, expect, it } from "vitest";
import { chainOf, leg } from "../options/testing";
import { hasWidth, isCalendar, resolve, TEMPLATES, type Template } from "./templates";

function template(id: string): Template {
  const found = TEMPLATES.find((each) => each.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

/** `BUY 25000 CE`, one for each leg, or the problem. */
function said(id: string, width = 2, next = chainOf(5)): string[] | string {
  const found = resolve(template(id), chainOf(5), 25_000, width, next);
  if ("problem" in found) return found.problem;
  return found.legs.map(({ action, strike, type }) => `${action} ${strike} ${type}`);
}

describe("a strategy", () => {
  it.each([
    ["short-straddle", ["SELL 25000 CE", "SELL 25000 PE"]],
    ["long-strangle", ["BUY 24900 PE", "BUY 25100 CE"]],
    ["iron-condor", ["BUY 24800 PE", "SELL 24900 PE", "SELL 25100 CE", "BUY 25200 CE"]],
    ["iron-fly", ["BUY 24900 PE", "SELL 25000 PE", "SELL 25000 CE", "BUY 25100 CE"]],
    ["bull-call", ["BUY 25000 CE", "SELL 25100 CE"]],
    ["bull-put", ["BUY 24900 PE", "SELL 25000 PE"]],
    ["bear-call", ["SELL 25000 CE", "BUY 25100 CE"]],
    ["bear-put", ["BUY 25000 PE", "SELL 24900 PE"]],
  ])("%s is made of what its name says", (id, legs) => {
    expect(said(id)).toEqual(legs);
  });

  it("is as wide as wanted", () => {
    expect(said("short-strangle", 5)).toEqual(["SELL 24750 PE", "SELL 25250 CE"]);
  });

  it("is never moved to another strike", () => {
    expect(said("iron-condor", 3)).toMatch(/beyond the strikes shown/);
    expect(resolve(template("long-straddle"), chainOf(1), 24_999, 1, undefined)).toHaveProperty(
      "problem",
    );
  });

  it("says which option is missing", () => {
    const chain = chainOf(2);
    const money = chain[2];
    if (money) money.pe = null;
    expect(resolve(template("short-straddle"), chain, 25_000, 1, undefined)).toEqual({
      problem: "25000 PE is not listed.",
    });
  });

  it("buys the later expiry of a calendar", () => {
    const next = [{ strike: 25_000, ce: leg("NIFTY08DEC2625000CE", { ask: 150 }), pe: null }];
    expect(resolve(template("call-calendar"), chainOf(1), 25_000, 1, next)).toEqual({
      legs: [
        { symbol: "NIFTY01DEC2625000CE", action: "SELL", strike: 25_000, type: "CE", price: 99.95 },
        { symbol: "NIFTY08DEC2625000CE", action: "BUY", strike: 25_000, type: "CE", price: 150 },
      ],
    });
    expect(said("put-calendar", 1, next)).toBe("25000 PE is not listed for the later expiry.");
    expect(resolve(template("put-calendar"), chainOf(1), 25_000, 1, undefined)).toEqual({
      problem: "There is no later expiry.",
    });
  });

  it("begins at the touch, else at the last price, and does not invent one", () => {
    const chain = [{ strike: 25_000, ce: leg("C", { ask: 0 }), pe: leg("P", { ask: 0, ltp: 0 }) }];
    expect(resolve(template("long-straddle"), chain, 25_000, 1, undefined)).toMatchObject({
      legs: [{ price: 100 }, { price: null }],
    });
  });
});

it("knows which need two expiries, and which a width", () => {
  expect(TEMPLATES.filter(isCalendar).map(({ id }) => id)).toEqual([
    "call-calendar",
    "put-calendar",
  ]);
  expect(TEMPLATES.filter((each) => !hasWidth(each)).map(({ id }) => id)).toEqual([
    "short-straddle",
    "long-straddle",
    "call-calendar",
    "put-calendar",
  ]);
});
