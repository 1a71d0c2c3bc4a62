import type { Level } from "@/live";

/** The steps of a ladder: `group` ticks of `tick` rupees each. */
export interface Steps {
  tick: number;
  group: number;
  decimals: number;
}

export type Side = "bid" | "ask";

export const GROUPS = [1, 2, 5, 10, 20, 50, 100] as const;

/** The price of a row. Rows are counted from 0 rupees, so that they keep their numbers. */
export function priceOf(row: number, { tick, group, decimals }: Steps): number {
  return Number((row * group * tick).toFixed(decimals));
}

/** The row that a price of this side stands in: never at a better price than it has. */
export function rowOf(price: number, side: Side | "last", { tick, group }: Steps): number {
  const steps = Math.round(price / tick) / group;
  return side === "bid" ? Math.floor(steps) : side === "ask" ? Math.ceil(steps) : Math.round(steps);
}

/** How much waits in each row. */
export function quantities(levels: readonly Level[], side: Side, steps: Steps) {
  const found = new Map<number, number>();
  for (const { price, quantity } of levels) {
    if (price <= 0 || quantity <= 0) continue;
    const row = rowOf(price, side, steps);
    found.set(row, (found.get(row) ?? 0) + quantity);
  }
  return found;
}

/** The smallest group whose ladder of `rows` rows shows the whole book. */
export function groupFor(levels: readonly Level[], tick: number, rows: number): number {
  const prices = levels.map(({ price }) => price).filter((price) => price > 0);
  if (prices.length === 0 || !(tick > 0)) return 1;
  const ticks = (Math.max(...prices) - Math.min(...prices)) / tick;
  return GROUPS.find((group) => ticks / group < rows * 0.7) ?? 100;
}

/** Whether row `row` is so far from `centre`, in a ladder of `rows`, that it should be centred. */
export function isAstray(row: number, centre: number, rows: number): boolean {
  return Math.abs(row - centre) > Math.floor(rows * 0.3);
}
