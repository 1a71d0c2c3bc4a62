/** What a position comes to on the day its options expire, by the price of the underlying then. */

export interface PayoffLeg {
  /** `LINEAR` is a future or a share: worth what the underlying is. */
  kind: "CE" | "PE" | "LINEAR";
  /** In rupees; 0 for what has none. */
  strike: number;
  /** In units, below zero where sold. */
  quantity: number;
  /** In rupees per unit. */
  entry: number;
}

export interface Payoff {
  /** In rupees; infinite where nothing limits it. */
  maxProfit: number;
  /** The worst profit, so below zero for a loss; minus infinity where nothing limits it. */
  maxLoss: number;
  /** Prices at which neither is made, ascending. */
  breakevens: readonly number[];
}

export function profitAtExpiry(legs: readonly PayoffLeg[], price: number): number {
  let sum = 0;
  for (const { kind, strike, quantity, entry } of legs) {
    const worth =
      kind === "CE"
        ? Math.max(price - strike, 0)
        : kind === "PE"
          ? Math.max(strike - price, 0)
          : price;
    sum += quantity * (worth - entry);
  }
  return sum;
}

/**
 * Exact: between two strikes profit is a straight line, and above the last one it goes on for ever.
 *
 * Where it is nothing over a stretch, only the ends of the stretch are breakevens.
 */
export function payoffOf(legs: readonly PayoffLeg[]): Payoff {
  const kinks = kinksOf(legs);
  const profits = kinks.map((price) => profitAtExpiry(legs, price));
  const tail = legs.reduce((sum, leg) => (leg.kind === "PE" ? sum : sum + leg.quantity), 0);
  const size = legs.reduce(
    (sum, { quantity, strike, entry }) => sum + Math.abs(quantity) * (strike + Math.abs(entry)),
    1,
  );
  const isNothing = (profit: number) => Math.abs(profit) < size * 1e-12;
  const breakevens: number[] = [];
  kinks.forEach((price, place) => {
    const profit = profits[place] ?? 0;
    if (isNothing(profit)) {
      if (price > 0) breakevens.push(price);
      return;
    }
    const [nextPrice, next] = [kinks[place + 1], profits[place + 1]];
    if (nextPrice === undefined || next === undefined) {
      if (profit * tail < 0) breakevens.push(price - profit / tail);
    } else if (!isNothing(next) && profit * next < 0) {
      breakevens.push(price + ((nextPrice - price) * profit) / (profit - next));
    }
  });
  return {
    maxProfit: tail > 0 ? Number.POSITIVE_INFINITY : Math.max(...profits),
    maxLoss: tail < 0 ? Number.NEGATIVE_INFINITY : Math.min(...profits),
    breakevens,
  };
}

/** The prices worth drawing: all that happens, and a margin on both sides. */
export function rangeOf(
  legs: readonly PayoffLeg[],
  breakevens: readonly number[],
  spot: number | null,
): [number, number] {
  const marks = [...kinksOf(legs).filter((price) => price > 0), ...breakevens];
  if (spot !== null) marks.push(spot);
  if (marks.length === 0) marks.push(...legs.map(({ entry }) => entry));
  const [low, high] = [Math.min(...marks), Math.max(...marks)];
  const margin = Math.max((high - low) * 0.25, high * 0.015);
  return [Math.max(0, low - margin), high + margin];
}

/** The corners of the line from `low` to `high`. */
export function curveOf(
  legs: readonly PayoffLeg[],
  [low, high]: readonly [number, number],
): { price: number; profit: number }[] {
  const between = kinksOf(legs).filter((price) => price > low && price < high);
  return [low, ...between, high].map((price) => ({ price, profit: profitAtExpiry(legs, price) }));
}

function kinksOf(legs: readonly PayoffLeg[]): number[] {
  const strikes = legs.filter(({ kind }) => kind !== "LINEAR").map(({ strike }) => strike);
  return [...new Set([0, ...strikes])].sort((a, b) => a - b);
}
