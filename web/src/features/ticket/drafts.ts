/** What was typed into tickets that were closed without sending, as long as the page is open. */

import { saveChoice, savedChoice } from "@/lib/saved";
import { type Product, productsOf } from "./contract";
import type { Terms } from "./terms";

interface Instrument {
  symbol: string;
  exchange: string;
}

const drafts = new Map<string, Terms>();

function keyOf(account: number, { exchange, symbol }: Instrument): string {
  return `${account}:${exchange}:${symbol}`;
}

export function draftOf(account: number, instrument: Instrument): Terms | undefined {
  return drafts.get(keyOf(account, instrument));
}

export function keepDraft(account: number, instrument: Instrument, terms: Terms): void {
  drafts.set(keyOf(account, instrument), terms);
}

export function dropDraft(account: number, instrument: Instrument): void {
  drafts.delete(keyOf(account, instrument));
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
