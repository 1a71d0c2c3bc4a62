import type { HoldingRow } from "@/client";
import { numberOf } from "@/lib/numbers";
import { mentions, sumOf } from "@/lib/rows";
import type { Csv } from "../books/csv-button";
import { moving } from "../market/profit";

export function isWanted(row: HoldingRow, exchange: string, text: string): boolean {
  return (exchange === "" || row.exchange === exchange) && mentions(text, [row.symbol]);
}

/** What was paid for them: their value less their profit, both the server's. */
export function investedIn(row: HoldingRow): number | null {
  const [value, profit] = [numberOf(row.current_value), numberOf(row.pnl)];
  return value === null || profit === null ? null : value - profit;
}

/** Totals of `rows`, in a form that moves with their prices. */
export function totalsOf(rows: readonly HoldingRow[]) {
  const invested = sumOf(rows, investedIn);
  return {
    invested,
    value: rows.map((row) => moving(row, row.current_value)),
    profit: rows.map((row) => moving(row, row.pnl)),
    percent: rows.map((row) => {
      const part = moving(row, row.pnl);
      const known = invested !== null && invested > 0;
      return {
        ...part,
        quantity: known ? (part.quantity * 100) / invested : 0,
        profit: known && part.profit !== null ? (part.profit * 100) / invested : null,
      };
    }),
  };
}

export const HOLDINGS_CSV: Csv<HoldingRow> = {
  symbol: (row) => row.symbol,
  exchange: (row) => row.exchange,
  product: (row) => row.product,
  quantity: (row) => row.quantity,
  average: (row) => row.average_price,
  ltp: (row) => row.ltp,
  invested: (row) => investedIn(row),
  value: (row) => row.current_value,
  "p&l": (row) => row.pnl,
  "p&l %": (row) => row.pnlpercent,
  "settled on": (row) => row.settlement_date,
};
