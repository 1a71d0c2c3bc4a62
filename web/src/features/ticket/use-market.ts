import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { DepthRow } from "@/client";
import { type Instrument, type Tick, ticks } from "@/live";
import { useAccountKey } from "../accounts/queries";
import { depthQuery } from "./queries";

const EVERY = 1000;

/** Where the market is, as far as an order has to know it; `null` for what is not known. */
export interface Market {
  ltp: number | null;
  bid: number | null;
  ask: number | null;
}

const NOWHERE: Market = { ltp: null, bid: null, ask: null };

/** The market of `instrument`, told to React once a second at most: rules and sums follow it. */
export function useMarket({ symbol, exchange }: Instrument): {
  market: Market;
  book: DepthRow | undefined;
  error: Error | null;
} {
  const [live, setLive] = useState<Market>(NOWHERE);
  const first = useQuery(depthQuery(useAccountKey(), { symbol, exchange }));
  useEffect(() => {
    let newest: Tick | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      timer = undefined;
      if (newest === undefined) return;
      setLive(marketOf(newest));
      newest = undefined;
      timer = setTimeout(tell, EVERY);
    };
    setLive(NOWHERE);
    const stop = ticks.watch({ symbol, exchange }, "Depth", (tick) => {
      newest = tick;
      if (timer === undefined) tell();
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [symbol, exchange]);
  const known: Market = first.data
    ? {
        ltp: above0(first.data.ltp),
        bid: above0(first.data.bids[0].price),
        ask: above0(first.data.asks[0].price),
      }
    : NOWHERE;
  return {
    market: {
      ltp: live.ltp ?? known.ltp,
      bid: live.bid ?? known.bid,
      ask: live.ask ?? known.ask,
    },
    book: first.data,
    error: first.error,
  };
}

function marketOf(tick: Tick): Market {
  return {
    ltp: above0(tick.ltp),
    bid: above0(tick.depth?.buy[0]?.price ?? tick.bid_price),
    ask: above0(tick.depth?.sell[0]?.price ?? tick.ask_price),
  };
}

function above0(price: number | undefined): number | null {
  return price !== undefined && price > 0 ? price : null;
}
