/** Legs of a basket, and what is done to their list. */

import { newId } from "@/lib/id";

export type Action = "BUY" | "SELL";
export type PriceType = "MARKET" | "LIMIT";

export interface Leg {
  id: string;
  symbol: string;
  exchange: string;
  action: Action;
  /** Of the instrument's lot size; shares come in lots of one. */
  lots: number;
  pricetype: PriceType;
  /** In rupees; for LIMIT. `null` where the user has to say it yet. */
  price: number | null;
  product: string;
  /** Why it was not placed, the last time. */
  failure?: string;
}

/** What is left out has a sensible value. */
export type NewLeg = Pick<Leg, "symbol" | "exchange" | "action"> & Partial<Omit<Leg, "id">>;

export const CASH: ReadonlySet<string> = new Set(["NSE", "BSE"]);

export function legOf(wanted: NewLeg): Leg {
  return {
    lots: 1,
    pricetype: wanted.price ? "LIMIT" : "MARKET",
    price: null,
    product: CASH.has(wanted.exchange) ? "MIS" : "NRML",
    ...wanted,
    id: newId(),
  };
}

/** Changed legs are tried anew: what was wrong with them may not be any more. */
export function withChange(legs: readonly Leg[], id: string, change: Partial<Leg>): Leg[] {
  return legs.map((leg) => {
    if (leg.id !== id) return leg;
    const { failure: _, ...rest } = leg;
    return { ...rest, ...change };
  });
}

export function flipped({ action }: Leg): Action {
  return action === "BUY" ? "SELL" : "BUY";
}

export function withCopy(legs: readonly Leg[], id: string): Leg[] {
  return legs.flatMap((leg) => (leg.id === id ? [leg, legOf(leg)] : [leg]));
}

/** The leg `id` one place up (-1) or down (1), if there is one. */
export function moved(legs: readonly Leg[], id: string, by: -1 | 1): Leg[] {
  const from = legs.findIndex((leg) => leg.id === id);
  const to = from + by;
  const [leg, other] = [legs[from], legs[to]];
  if (leg === undefined || other === undefined) return [...legs];
  const list = [...legs];
  list[from] = other;
  list[to] = leg;
  return list;
}

/** The legs in a text of ours, leaving out what is not one: it comes from the browser's storage. */
export function readLegs(value: unknown): Leg[] {
  // A quantity that was just being typed is written as null.
  return Array.isArray(value)
    ? value.filter(isLeg).map((leg) => ({ ...leg, lots: leg.lots ?? Number.NaN }))
    : [];
}

function isLeg(value: unknown): value is Leg {
  if (typeof value !== "object" || value === null) return false;
  const leg = value as Record<string, unknown>;
  return (
    ["id", "symbol", "exchange", "product"].every((name) => typeof leg[name] === "string") &&
    (leg.action === "BUY" || leg.action === "SELL") &&
    (leg.pricetype === "MARKET" || leg.pricetype === "LIMIT") &&
    (leg.price === null || typeof leg.price === "number") &&
    (leg.lots === null || typeof leg.lots === "number")
  );
}
