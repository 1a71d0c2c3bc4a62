/** What was typed into tickets and not sent: as long as the tab is open, and its user logged in. */

import { session } from "@/api";
import { saveChoice, savedChoice } from "@/lib/saved";
import { type Product, productsOf } from "./contract";
import type { Terms } from "./terms";

interface Instrument {
  symbol: string;
  exchange: string;
}

const KEPT = "openalgo.drafts";
const drafts = new Map<string, Partial<Terms>>(kept());
session.phase.subscribe(() => {
  if (session.phase.get() !== "ended") return;
  drafts.clear();
  keep();
});

function keyOf(account: number, { exchange, symbol }: Instrument): string {
  return `${account}:${exchange}:${symbol}`;
}

/** An older version of the app may have typed less. */
export function draftOf(account: number, instrument: Instrument): Partial<Terms> | undefined {
  return drafts.get(keyOf(account, instrument));
}

export function keepDraft(account: number, instrument: Instrument, terms: Terms): void {
  drafts.set(keyOf(account, instrument), terms);
  keep();
}

export function dropDraft(account: number, instrument: Instrument): void {
  drafts.delete(keyOf(account, instrument));
  keep();
}

function kept(): [string, Partial<Terms>][] {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
  } catch {
    return [];
  }
}

function keep(): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify([...drafts]));
  } catch {
    // then they last as long as the page
  }
}

/** The product that was sent last of those an exchange knows. */
export function lastProduct(exchange: string): Product | null {
  const saved = savedChoice(placeOf(exchange));
  return productsOf(exchange).find((product) => product === saved) ?? null;
}

export function rememberProduct(exchange: string, product: Product): void {
  saveChoice(placeOf(exchange), product);
}

function placeOf(exchange: string): string {
  return `product.${productsOf(exchange)[0]}`;
}
