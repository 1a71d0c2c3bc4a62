import type { ChainLegRow, ChainRow } from "@/client";

export function leg(symbol: string, more: Partial<ChainLegRow> = {}): ChainLegRow {
  return {
    symbol,
    label: "ATM",
    ltp: 100,
    bid: 99.95,
    ask: 100.05,
    bid_qty: 65,
    ask_qty: 130,
    open: 90,
    high: 110,
    low: 80,
    prev_close: 95,
    volume: 1000,
    oi: 5000,
    lotsize: 65,
    tick_size: 0.05,
    quote_ts: 1_796_119_200,
    stale: false,
    ...more,
  };
}

/** Strikes 50 apart around 25000, named as those of NIFTY are. */
export function chainOf(each_side: number, more: Partial<ChainLegRow> = {}): ChainRow[] {
  return Array.from({ length: 2 * each_side + 1 }, (_, place) => {
    const strike = 25_000 + (place - each_side) * 50;
    return {
      strike,
      ce: leg(`NIFTY01DEC26${strike}CE`, more),
      pe: leg(`NIFTY01DEC26${strike}PE`, more),
    };
  });
}
