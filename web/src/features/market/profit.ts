/** A position, and a profit of it as the server knows it at the price `ltp`. */
export interface Held {
  quantity: number;
  ltp: number;
  profit: number;
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
  if (!Number.isFinite(held.profit)) return null;
  if (now === undefined || held.quantity === 0 || !Number.isFinite(held.ltp)) {
    return held.profit;
  }
  return held.profit + (now - held.ltp) * held.quantity * held.multiplier;
}
