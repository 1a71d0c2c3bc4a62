import type { SymbolRow } from "@/client";
import { formatQuantity } from "@/lib/numbers";
import { PriceGrid } from "./price-grid";

export type Product = "CNC" | "NRML" | "MIS";

const CASH: ReadonlySet<string> = new Set(["NSE", "BSE"]);
const DERIVATIVES: ReadonlySet<string> = new Set("NFO BFO MCX CDS BCD NCO NCDEX CRYPTO".split(" "));
/** What one request may become at most. */
const MOST_ORDERS = 100;

/** What is traded, as far as an order has to know it. */
export interface Contract {
  symbol: string;
  exchange: string;
  name: string;
  grid: PriceGrid;
  /** Units of one lot; 1 where it trades by the unit. */
  lot: number;
  /** Whether quantities are typed in lots. */
  inLots: boolean;
  /** Whether parts of a unit trade. */
  fractional: boolean;
  /** Most units the exchange takes in one order; `null` where unknown. */
  freeze: number | null;
}

export function contractOf(row: SymbolRow): Contract {
  const fractional = row.exchange === "CRYPTO";
  const inLots = DERIVATIVES.has(row.exchange) && !fractional;
  return {
    symbol: row.symbol,
    exchange: row.exchange,
    name: row.name,
    grid: new PriceGrid(row.tick_size),
    lot: inLots ? row.lotsize : 1,
    inLots,
    fractional,
    freeze: row.freeze_qty_known ? row.freeze_qty : null,
  };
}

/** An index has a price, but nobody sells it. */
export function isTradable(exchange: string): boolean {
  return CASH.has(exchange) || DERIVATIVES.has(exchange);
}

/** The products an exchange knows: to be delivered or carried, and for the day. */
export function productsOf(exchange: string): readonly [carry: Product, intraday: Product] {
  return CASH.has(exchange) ? ["CNC", "MIS"] : ["NRML", "MIS"];
}

/** The units that were typed, in lots where the contract comes in lots; `null` for no quantity. */
export function unitsOf(text: string, contract: Contract): number | null {
  const bare = text.replaceAll(",", "").trim();
  const form = contract.fractional ? /^\d*\.?\d+$/ : /^\d+$/;
  if (!form.test(bare)) return null;
  const units = Number(bare) * contract.lot;
  return Number.isSafeInteger(Math.ceil(units)) && units > 0 ? units : null;
}

/** `units` as they are typed; what is no whole number of lots becomes the next smaller one. */
export function quantityText(units: number, contract: Contract): string {
  return String(contract.inLots ? Math.max(1, Math.floor(units / contract.lot)) : units);
}

/** `75 units`, or `1 lot (75 units)`. */
export function quantityWords(units: number, contract: Contract): string {
  const unit = CASH.has(contract.exchange) ? "share" : "unit";
  const words = `${formatQuantity(units)} ${unit}${units === 1 ? "" : "s"}`;
  if (!contract.inLots) return words;
  const lots = units / contract.lot;
  return `${formatQuantity(lots)} ${lots === 1 ? "lot" : "lots"} (${words})`;
}

/** An order too large for the exchange, as several that are not. */
export interface Split {
  /** Of each order but the last, in units. */
  size: number;
  parts: readonly number[];
}

/** How `units` have to be sent: `null` as one order. */
export function splitOf(units: number, contract: Contract): Split | null {
  const { freeze, lot } = contract;
  if (freeze === null || units <= freeze) return null;
  const size = Math.floor(freeze / lot) * lot;
  if (size <= 0) return null;
  const parts = Array.from({ length: Math.ceil(units / size) }, (_, number) =>
    Math.min(size, units - number * size),
  );
  return { size, parts };
}

export function splitFits(split: Split): boolean {
  return split.parts.length <= MOST_ORDERS;
}

/** `2 orders of 1,755 and one of 390`. */
export function splitWords({ size, parts }: Split): string {
  const last = parts.at(-1) ?? 0;
  const full = last === size ? parts.length : parts.length - 1;
  const head = `${full} ${full === 1 ? "order" : "orders"} of ${formatQuantity(size)}`;
  return full === parts.length ? head : `${head} and one of ${formatQuantity(last)}`;
}
