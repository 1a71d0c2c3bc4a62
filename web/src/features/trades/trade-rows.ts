import type { TradeRow } from "@/client";
import { mentions, sumOf } from "@/lib/rows";
import type { Csv } from "../books/csv-button";

/** What the user asks to see; an empty text stands for all. */
export interface Wanted {
  side: string;
  exchange: string;
  product: string;
  text: string;
}

export function isWanted(trade: TradeRow, wanted: Wanted): boolean {
  return (
    (wanted.side === "" || trade.action === wanted.side) &&
    (wanted.exchange === "" || trade.exchange === wanted.exchange) &&
    (wanted.product === "" || trade.product === wanted.product) &&
    mentions(wanted.text, [trade.symbol, trade.orderid, trade.tradeid, trade.strategy])
  );
}

/** What was bought and sold for, in rupees; `null` where one value is unknown. */
export function totalsOf(trades: readonly TradeRow[]) {
  const worth = (action: string) =>
    sumOf(
      trades.filter((trade) => trade.action === action),
      (trade) => trade.trade_value,
    );
  return { bought: worth("BUY"), sold: worth("SELL") };
}

export const TRADES_CSV: Csv<TradeRow> = {
  "time (IST)": (trade) => trade.timestamp,
  "trade id": (trade) => trade.tradeid,
  "order id": (trade) => trade.orderid,
  side: (trade) => trade.action,
  quantity: (trade) => trade.quantity,
  symbol: (trade) => trade.symbol,
  exchange: (trade) => trade.exchange,
  product: (trade) => trade.product,
  price: (trade) => trade.price,
  value: (trade) => trade.trade_value,
  strategy: (trade) => trade.strategy,
};
