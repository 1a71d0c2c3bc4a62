import type { OrderRow } from "@/client";
import { Store } from "@/lib/store";

/** What is known of an order before the user has filled in the ticket. */
export interface Draft {
  symbol: string;
  exchange: string;
  action: "BUY" | "SELL";
  /** In units, never in lots. */
  quantity?: number;
  product?: string;
  pricetype?: string;
  price?: number;
  triggerPrice?: number;
}

/** Prices that an order shall get, as far as whoever asks knows. */
export interface Moved {
  price?: number;
  triggerPrice?: number;
}

/**
 * What the ticket is open for: a new order, an order that waits and is to change, an order of an
 * instrument still to be searched for, or nothing.
 */
export type Asked =
  | { kind: "new"; draft: Draft }
  | { kind: "modify"; order: OrderRow; moved?: Moved }
  | { kind: "search"; action: "BUY" | "SELL"; text: string }
  | null;

export const asked = new Store<Asked>(null);

/** Opens the ticket over whatever page is shown. Nothing is sent before the user says so there. */
export function askForOrder(draft: Draft): void {
  asked.set({ kind: "new", draft });
}

/** Opens the ticket for an order that waits, with the prices it was `moved` to filled in. */
export function askToModify(order: OrderRow, moved: Moved = {}): void {
  asked.set({ kind: "modify", order, moved });
}

/** Asks which instrument to trade, beginning with `text`, and opens the ticket for it. */
export function askForInstrument(action: "BUY" | "SELL", text = ""): void {
  asked.set({ kind: "search", action, text });
}

export function closeTicket(): void {
  asked.set(null);
}
