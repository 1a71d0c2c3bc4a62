import { type Numeric, numberOf } from "@/lib/numbers";

/** A position, and a profit of it as the server knows it at the price `ltp`. */
export interface Held {
  quantity: number;
  ltp: number | null;
  /** `null` where the server does not know it. */
  profit: number | null;
  /** Rupees that one unit makes per rupee of the price. */
  multiplier: number;
}

/**
 * The profit at the price `now`, in rupees.
 *
 * It is the server's figure, with whatever is realised in it, moved on by what the price has moved since:
 * never computed from the average anew. `null` where the server does not know it.
 */
export function profitAt(held: Held, now: number | undefined): number | null {
  if (held.profit === null || !Number.isFinite(held.profit)) return null;
  if (now === undefined || held.quantity === 0) return held.profit;
  if (held.ltp === null || !Number.isFinite(held.ltp)) return held.profit;
  return held.profit + (now - held.ltp) * held.quantity * held.multiplier;
}

/** What a book tells of a position, or of shares. */
interface Priced {
  symbol: string;
  exchange: string;
  quantity: number;
  ltp: Numeric;
  average_price: Numeric;
  pnlpercent: Numeric;
  /** Of profit, for contracts that have one. */
  multiplier?: number;
}

/** `profit`, one of the row's own figures in rupees, in a form that moves with the price. */
export function moving(row: Omit<Priced, "average_price" | "pnlpercent">, profit: Numeric) {
  return {
    symbol: row.symbol,
    exchange: row.exchange,
    quantity: row.quantity,
    ltp: numberOf(row.ltp),
    profit: numberOf(profit),
    multiplier: row.multiplier ?? 1,
  };
}

/**
 * The row's profit in percent, in the same form.
 *
 * A rupee of the price is that part of what was paid for a unit; the multiplier is in both, so it is in
 * neither. What is closed has no percent: nothing is invested in it.
 */
export function movingPercent(row: Priced) {
  const average = numberOf(row.average_price);
  const known = row.quantity !== 0 && average !== null && average > 0;
  return {
    symbol: row.symbol,
    exchange: row.exchange,
    ltp: numberOf(row.ltp),
    quantity: known ? (Math.sign(row.quantity) * 100) / average : 0,
    profit: known ? numberOf(row.pnlpercent) : null,
    multiplier: 1,
  };
}
