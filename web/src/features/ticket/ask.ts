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
  | { kind: "new"; draft: Draft; typed?: boolean }
  | { kind: "modify"; order: OrderRow; moved?: Moved }
  | { kind: "search"; action: "BUY" | "SELL"; text: string; back: Asked }
  | null;

export const asked = new Store<Asked>(null);

/** Opens the ticket over whatever page is shown. Nothing is sent before the user says so there. */
export function askForOrder(draft: Draft): void {
  asked.set({ kind: "new", draft });
}

/** Opens the ticket as it was when the page was left: what was typed counts, the side included. */
export function askAgain(draft: Draft): void {
  asked.set({ kind: "new", draft, typed: true });
}

/** Opens the ticket for an order that waits, with the prices it was `moved` to filled in. */
export function askToModify(order: OrderRow, moved: Moved = {}): void {
  asked.set({ kind: "modify", order, moved });
}

/** Asks which instrument to trade, beginning with `text`; who chooses none is back where they were. */
export function askForInstrument(action: "BUY" | "SELL", text = ""): void {
  const now = asked.get();
  asked.set({ kind: "search", action, text, back: now?.kind === "search" ? now.back : now });
}

export function closeTicket(): void {
  const now = asked.get();
  asked.set(now?.kind === "search" ? now.back : null);
}

/** The symbol of the order that is being sent, whose news the ticket tells by itself. */
export const orderOnItsWay = new Store<string | null>(null);
