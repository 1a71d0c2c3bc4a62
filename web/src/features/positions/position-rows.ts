import type { OrderProduct, PositionRow } from "@/client";
import { contractOf, expiryOrder } from "@/lib/contracts";
import { numberOf } from "@/lib/numbers";
import { mentions, sumOf } from "@/lib/rows";
import type { Csv } from "../books/csv-button";

export type Show = "all" | "open" | "long" | "short" | "closed";

export const SHOWS: readonly { value: Show; title: string }[] = [
  { value: "all", title: "All" },
  { value: "open", title: "Open" },
  { value: "long", title: "Long" },
  { value: "short", title: "Short" },
  { value: "closed", title: "Closed" },
];

export function keyOf(row: Pick<PositionRow, "exchange" | "symbol" | "product">): string {
  return `${row.exchange}:${row.symbol}:${row.product}`;
}

export function isOpen({ quantity }: Pick<PositionRow, "quantity">): boolean {
  return quantity !== 0;
}

/** What the server closes; other products are closed where they were opened. */
export function closable(row: Pick<PositionRow, "quantity" | "product">): boolean {
  return isOpen(row) && isOrdered(row.product);
}

export function isOrdered(product: string): product is OrderProduct {
  return product === "CNC" || product === "NRML" || product === "MIS";
}

export function belongsTo(show: string, { quantity }: Pick<PositionRow, "quantity">): boolean {
  if (show === "open") return quantity !== 0;
  if (show === "long") return quantity > 0;
  if (show === "short") return quantity < 0;
  return show !== "closed" || quantity === 0;
}

/** What the user asks to see; an empty text stands for all. */
export interface Wanted {
  show: string;
  exchange: string;
  product: string;
  text: string;
}

export function isWanted(row: PositionRow, wanted: Wanted): boolean {
  return (
    belongsTo(wanted.show, row) &&
    (wanted.exchange === "" || row.exchange === wanted.exchange) &&
    (wanted.product === "" || row.product === wanted.product) &&
    mentions(wanted.text, [row.symbol, row.exchange, row.product])
  );
}

/** Rupees that are open in `rows` at their last prices; `null` where one price is unknown. */
export function worthOf(rows: readonly PositionRow[]): number | null {
  return sumOf(rows, ({ quantity, ltp, multiplier }) => {
    const price = numberOf(ltp);
    return price === null ? null : Math.abs(quantity) * price * multiplier;
  });
}

export const GROUPINGS = [
  { value: "underlying", title: "By underlying" },
  { value: "expiry", title: "By underlying and expiry" },
];

/** The group a position belongs to, such as `NIFTY` or `NIFTY 28MAR24`. */
export function groupOf(grouping: string, row: Pick<PositionRow, "symbol" | "exchange">): string {
  const { underlying, expiry } = contractOf(row.symbol, row.exchange);
  return grouping === "expiry" && expiry !== null ? `${underlying} ${expiry}` : underlying;
}

/** Rows so that groups come by their names, expiries by time; the order inside a group stays. */
export function byGroup(rows: readonly PositionRow[], grouping: string): readonly PositionRow[] {
  if (grouping === "") return rows;
  const place = (row: PositionRow) => {
    const { underlying, expiry } = contractOf(row.symbol, row.exchange);
    return grouping === "expiry" ? `${underlying} ${expiryOrder(expiry)}` : underlying;
  };
  return rows
    .map((row) => ({ row, at: place(row) }))
    .sort((one, other) => (one.at === other.at ? 0 : one.at < other.at ? -1 : 1))
    .map(({ row }) => row);
}

export const POSITIONS_CSV: Csv<PositionRow> = {
  symbol: (row) => row.symbol,
  exchange: (row) => row.exchange,
  product: (row) => row.product,
  quantity: (row) => row.quantity,
  average: (row) => row.average_price,
  ltp: (row) => row.ltp,
  "p&l today": (row) => row.total_pnl_today,
  "p&l %": (row) => (isOpen(row) ? row.pnlpercent : null),
  unrealised: (row) => row.unrealized_pnl,
  "realised today": (row) => row.today_realized_pnl,
};
