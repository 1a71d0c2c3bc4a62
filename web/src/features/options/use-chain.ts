import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { ticks } from "@/live";
import { useAccountKey } from "../accounts/queries";
import type { ChainView } from "./columns";
import { type ChainOf, chainQuery } from "./queries";

/** Milliseconds. Prices come by themselves; greeks do not, and are asked for while they are looked at. */
const ASK_EVERY: Readonly<Record<ChainView, number>> = { greeks: 3000, price: 15_000 };

/**
 * The chain, asked for anew while prices move and the page is seen; one request at a time.
 *
 * `moved` is to be called whenever a price of the chain has moved.
 */
export function useChain(of: ChainOf | undefined, view: ChainView) {
  const chain = useQuery({
    ...chainQuery(useAccountKey(), of),
    placeholderData: keepPreviousData,
  });
  const hasMoved = useRef(false);
  const moved = useRef(() => {
    hasMoved.current = true;
  }).current;
  const { refetch, data } = chain;
  const symbol = data?.underlying_symbol;
  const exchange = data?.underlying_exchange;
  useEffect(() => {
    if (symbol === undefined || exchange === undefined) return;
    return ticks.watch({ symbol, exchange }, "LTP", moved);
  }, [symbol, exchange, moved]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!hasMoved.current || document.hidden) return;
      hasMoved.current = false;
      void refetch({ cancelRefetch: false });
    }, ASK_EVERY[view]);
    return () => clearInterval(timer);
  }, [refetch, view]);
  return { chain, moved };
}
