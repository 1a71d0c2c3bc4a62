import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import {
  type DerivativeExchange,
  type Exchange,
  expiry,
  masterContractStatus,
  optionchain,
  underlyings,
} from "@/client";

type AccountKey = readonly ["of-account", number | null];

const MINUTES = 60_000;

/** The exchanges whose instruments the account's broker has. */
export function exchangesQuery([, account]: AccountKey) {
  return queryOptions({
    queryKey: ["instruments", account, "exchanges"],
    staleTime: 5 * MINUTES,
    queryFn: async ({ signal }) => {
      const status = await call(() => masterContractStatus({ signal }));
      return Object.keys(status.exchange_stats);
    },
  });
}

export function underlyingsQuery([, account]: AccountKey, exchange: string | undefined) {
  return queryOptions({
    queryKey: ["instruments", account, "underlyings", exchange],
    enabled: exchange !== undefined,
    staleTime: 5 * MINUTES,
    queryFn: async ({ signal }) =>
      (
        await call(() =>
          underlyings({ query: { exchange: exchange as DerivativeExchange }, signal }),
        )
      ).underlyings,
  });
}

/** The days on which options expire, such as `30DEC25`, the nearest first. */
export function expiriesQuery(
  [, account]: AccountKey,
  exchange: string | undefined,
  underlying: string | undefined,
) {
  return queryOptions({
    queryKey: ["instruments", account, "expiries", exchange, underlying],
    enabled: exchange !== undefined && underlying !== undefined,
    staleTime: 5 * MINUTES,
    queryFn: async ({ signal }) => {
      const { data } = await call(() =>
        expiry({
          body: {
            symbol: underlying ?? "",
            exchange: exchange as DerivativeExchange,
            instrumenttype: "options",
          },
          signal,
        }),
      );
      return data.map((day) => day.replaceAll("-", ""));
    },
  });
}

export interface ChainOf {
  exchange: string;
  underlying: string;
  expiry: string;
  strikes: number | null;
}

/**
 * A chain with its greeks. Its key is not one of the books: an order changes nothing in it.
 *
 * What is asked for anew takes the place of what is on its way only for another chain.
 */
export function chainQuery([, account]: AccountKey, of: ChainOf | undefined) {
  return queryOptions({
    queryKey: ["chain", account, of],
    enabled: of !== undefined,
    staleTime: 3000,
    refetchOnWindowFocus: false,
    queryFn: ({ signal }) =>
      call(() =>
        optionchain({
          body: {
            underlying: of?.underlying ?? "",
            exchange: of?.exchange as Exchange,
            expiry_date: of?.expiry ?? null,
            strike_count: of?.strikes ?? null,
            with_greeks: true,
          },
          signal,
        }),
      ),
  });
}
