/** The legs of a basket as one position: what it costs, and what it comes to. */

import type { SymbolRow } from "@/client";
import type { Leg } from "./legs";
import type { PayoffLeg } from "./payoff";

export interface Quoted {
  ltp: number | null;
  bid: number | null;
  ask: number | null;
}

/** What a leg would trade at, in rupees: its limit, else the other side of the market. */
export function entryOf(leg: Leg, quoted: Quoted | undefined): number | null {
  if (leg.pricetype === "LIMIT") return leg.price;
  const touch = leg.action === "BUY" ? quoted?.ask : quoted?.bid;
  return touch ?? quoted?.ltp ?? null;
}

/** What options bring (above zero) or cost, in rupees; `null` where a price is unknown. */
export function premiumOf(
  legs: readonly Leg[],
  rowOf: (leg: Leg) => SymbolRow | undefined,
  quotedOf: (leg: Leg) => Quoted | undefined,
): number | null {
  let sum = 0;
  for (const leg of legs) {
    const row = rowOf(leg);
    const entry = entryOf(leg, quotedOf(leg));
    if (row === undefined) return null;
    if (!isOption(row)) continue;
    if (entry === null) return null;
    sum += (leg.action === "SELL" ? 1 : -1) * entry * unitsOf(leg, row);
  }
  return sum;
}

/** The legs of a payoff, or why there is none to show. */
export function payoffLegs(
  legs: readonly Leg[],
  rowOf: (leg: Leg) => SymbolRow | undefined,
  quotedOf: (leg: Leg) => Quoted | undefined,
): { legs: PayoffLeg[]; option: SymbolRow } | { why: string } {
  const rows = legs.map(rowOf);
  const known = rows.filter((row) => row !== undefined);
  if (known.length < legs.length) return { why: "Some instruments are not known yet." };
  const options = known.filter(isOption);
  const [option] = options;
  if (option === undefined) return { why: "The payoff at expiry is drawn for options." };
  if (known.some(({ expiry }) => expiry && expiry !== option.expiry)) {
    return { why: "The legs expire on different days, so there is no one day to draw." };
  }
  if (known.some((row) => baseOf(row) !== option.name)) {
    return { why: "The legs are on different underlyings." };
  }
  const made: PayoffLeg[] = [];
  for (const leg of legs) {
    const row = rowOf(leg);
    const entry = entryOf(leg, quotedOf(leg));
    if (row === undefined || entry === null) return { why: "A leg has no price yet." };
    made.push({
      kind: isOption(row) ? (row.instrumenttype as "CE" | "PE") : "LINEAR",
      strike: isOption(row) ? row.strike : 0,
      quantity: (leg.action === "BUY" ? 1 : -1) * unitsOf(leg, row),
      entry,
    });
  }
  return { legs: made, option };
}

export function isOption({ instrumenttype }: SymbolRow): boolean {
  return instrumenttype === "CE" || instrumenttype === "PE";
}

/** A share's name is its company's: it is known by its symbol. */
function baseOf(row: SymbolRow): string {
  return row.expiry ? row.name : row.symbol;
}

function unitsOf(leg: Leg, row: SymbolRow): number {
  return leg.lots * row.lotsize * row.contract_value;
}
