/** From legs to orders, and from what became of the orders back to the legs. */

import { OUTCOME_UNKNOWN } from "@/api/errors";
import type { BasketRow, SymbolRow } from "@/client";
import type { Leg } from "./legs";

export const MOST_ORDERS = 100;

export type Terms = Pick<SymbolRow, "lotsize" | "tick_size" | "freeze_qty" | "freeze_qty_known">;

/** One order of a leg; a leg above the freeze quantity has several. */
export interface LegOrder {
  legId: string;
  symbol: string;
  exchange: string;
  action: "BUY" | "SELL";
  /** In units. */
  quantity: number;
  /** Units of one lot. */
  lot: number;
  pricetype: "MARKET" | "LIMIT";
  product: string;
  price: number;
}

export interface Fate {
  /** In units. */
  placed: number;
  /** The lots that were not placed, as far as anybody knows. */
  restLots: number;
  orderIds: readonly string[];
  /** Why the rest was not placed. */
  reason: string | null;
  /** Part of it may be at the broker, and may not. */
  unknown: boolean;
}

const NO_ORDER: Fate = { placed: 0, restLots: 0, orderIds: [], reason: null, unknown: false };

/** `quantity` units in orders the exchange takes: whole lots, none above the freeze quantity. */
export function parts(quantity: number, terms: Terms): number[] | null {
  if (!terms.freeze_qty_known || quantity <= terms.freeze_qty) return [quantity];
  const most = Math.floor(terms.freeze_qty / terms.lotsize) * terms.lotsize;
  if (most <= 0) return null;
  const whole = new Array<number>(Math.floor(quantity / most)).fill(most);
  const rest = quantity % most;
  return rest > 0 ? [...whole, rest] : whole;
}

/** What is to be put right in `leg` before it can be sent; `null` for nothing. */
export function problemOf(leg: Leg, terms: Terms): string | null {
  if (!Number.isInteger(leg.lots) || leg.lots < 1) {
    return terms.lotsize > 1 ? "Lots are whole: 1, 2, 3" : "The quantity is a whole number";
  }
  if (leg.pricetype === "LIMIT") {
    if (leg.price === null || leg.price <= 0) return "A limit order needs a price";
    if (!isOnTick(leg.price, terms.tick_size)) return `Prices go by ${terms.tick_size}`;
  }
  if (parts(leg.lots * terms.lotsize, terms) === null) {
    return `One lot of ${terms.lotsize} is above the freeze quantity of ${terms.freeze_qty}`;
  }
  return null;
}

/** The orders of legs without problems. */
export function ordersOf(legs: readonly Leg[], terms: (leg: Leg) => Terms): LegOrder[] {
  return legs.flatMap((leg) =>
    (parts(leg.lots * terms(leg).lotsize, terms(leg)) ?? []).map((quantity) => ({
      legId: leg.id,
      symbol: leg.symbol,
      exchange: leg.exchange,
      action: leg.action,
      quantity,
      lot: terms(leg).lotsize,
      pricetype: leg.pricetype,
      product: leg.product,
      price: leg.pricetype === "LIMIT" ? (leg.price ?? 0) : 0,
    })),
  );
}

/** What became of each leg; `rows` are in the order of `orders`, or say by index which they are. */
export function fatesOf(
  orders: readonly LegOrder[],
  rows: readonly Pick<BasketRow, "index" | "status" | "orderid" | "message" | "code">[],
): Map<string, Fate> {
  const byIndex = new Map(rows.map((row) => [row.index, row]));
  const fates = new Map<string, Fate>();
  orders.forEach(({ legId, quantity, lot }, index) => {
    const row = byIndex.get(index);
    const before = fates.get(legId) ?? NO_ORDER;
    const done = row?.status === "success";
    fates.set(legId, {
      placed: before.placed + (done ? quantity : 0),
      restLots: before.restLots + (done ? 0 : quantity / lot),
      orderIds: row?.orderid ? [...before.orderIds, row.orderid] : before.orderIds,
      reason: done ? before.reason : (before.reason ?? row?.message ?? "The server did not say"),
      unknown: before.unknown || row === undefined || row.code === OUTCOME_UNKNOWN,
    });
  });
  return fates;
}

/**
 * The legs that are left: what was placed leaves, what failed stays with its reason.
 *
 * Of a leg that was placed in part the rest stays.
 */
export function remaining(legs: readonly Leg[], fates: ReadonlyMap<string, Fate>): Leg[] {
  return legs.flatMap((leg) => {
    const fate = fates.get(leg.id);
    if (fate === undefined) return [leg];
    if (fate.reason === null) return [];
    return [{ ...leg, lots: fate.restLots, failure: fate.reason }];
  });
}

function isOnTick(price: number, tick: number): boolean {
  if (tick <= 0) return true;
  const steps = price / tick;
  return Math.abs(steps - Math.round(steps)) < 1e-6;
}
