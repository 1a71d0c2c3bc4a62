/** What of a position its profit moves with. */
export interface Held {
  quantity: number;
  ltp: number;
  total_pnl_today: number;
}

/**
 * Today's profit of a position at the price `now`, in rupees.
 *
 * It is the server's figure, realised profit included, moved on by what the price has moved since:
 * never computed from the average anew. `null` where the server does not know it.
 */
export function profitAt(held: Held, now: number | undefined): number | null {
  if (!Number.isFinite(held.total_pnl_today)) return null;
  if (now === undefined || held.quantity === 0 || !Number.isFinite(held.ltp)) {
    return held.total_pnl_today;
  }
  return held.total_pnl_today + (now - held.ltp) * held.quantity;
}
