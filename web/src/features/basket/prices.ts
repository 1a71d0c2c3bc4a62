import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { type Tick, ticks } from "@/live";
import { useAccountKey } from "../accounts/queries";
import type { Leg } from "./legs";
import type { Quoted } from "./position";
import { nameOf, quotesQuery } from "./queries";

/** Prices are drawn as they come elsewhere; sums of them need not be that quick. */
const EVERY = 1000;

/** What the instruments of `legs` trade at, by name; at most once a second. */
export function useLegPrices(legs: readonly Leg[]): ReadonlyMap<string, Quoted> {
  const quotes = useQuery(quotesQuery(useAccountKey(), legs)).data;
  const names = [...new Set(legs.map(nameOf))].sort().join(" ");
  const [heard, hear] = useState<ReadonlyMap<string, Tick>>(new Map());
  useEffect(() => {
    const latest = new Map<string, Tick>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stops = names
      .split(" ")
      .filter(Boolean)
      .map((name) => {
        const colon = name.indexOf(":");
        const instrument = { exchange: name.slice(0, colon), symbol: name.slice(colon + 1) };
        return ticks.watch(instrument, "Quote", (tick) => {
          latest.set(name, tick);
          timer ??= setTimeout(() => {
            timer = undefined;
            hear(new Map(latest));
          }, EVERY);
        });
      });
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [names]);
  return useMemo(() => {
    const prices = new Map<string, Quoted>();
    for (const { symbol, exchange, data } of quotes ?? []) {
      if (data) prices.set(nameOf({ symbol, exchange }), quotedOf(data.ltp, data.bid, data.ask));
    }
    for (const [name, tick] of heard) {
      const before = prices.get(name);
      const now = quotedOf(tick.ltp, tick.bid_price, tick.ask_price);
      prices.set(name, {
        ltp: now.ltp ?? before?.ltp ?? null,
        bid: now.bid ?? before?.bid ?? null,
        ask: now.ask ?? before?.ask ?? null,
      });
    }
    return prices;
  }, [quotes, heard]);
}

function quotedOf(ltp?: number, bid?: number, ask?: number): Quoted {
  return { ltp: ltp || null, bid: bid || null, ask: ask || null };
}
