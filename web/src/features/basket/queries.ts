import { queryOptions, useQueries } from "@tanstack/react-query";
import { call } from "@/api";
import {
  type Exchange,
  type MarginPosition,
  margin,
  multiquotes,
  type SymbolRow,
  symbol_ as symbolOperation,
  syntheticfuture,
} from "@/client";
import { useAccountKey } from "../accounts/queries";
import type { Leg } from "./legs";
import type { LegOrder } from "./orders";

type AccountKey = readonly ["of-account", number | null];
type Named = Pick<Leg, "symbol" | "exchange">;

/** Lots, ticks and limits: a day's facts, so no event makes them old. */
export function instrumentQuery([, account]: AccountKey, { symbol: name, exchange }: Named) {
  return queryOptions({
    queryKey: ["instrument", account, exchange, name],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) =>
      (
        await call(() =>
          symbolOperation({ body: { symbol: name, exchange: exchange as Exchange }, signal }),
        )
      ).data,
  });
}

/** What is known of the instruments of `legs`, and what could not be found out. */
export function useInstruments(legs: readonly Named[]) {
  const key = useAccountKey();
  const found = useQueries({ queries: legs.map((leg) => instrumentQuery(key, leg)) });
  const rows = new Map<string, SymbolRow>();
  const errors = new Map<string, Error>();
  legs.forEach((leg, place) => {
    const { data, error } = found[place] ?? {};
    if (data) rows.set(nameOf(leg), data);
    if (error) errors.set(nameOf(leg), error);
  });
  return { rows, errors };
}

export function nameOf({ exchange, symbol: name }: Named): string {
  return `${exchange}:${name}`;
}

export function marginQuery(key: AccountKey, orders: readonly LegOrder[]) {
  const positions: MarginPosition[] = orders.map(({ legId: _, lot: __, exchange, ...order }) => ({
    ...order,
    exchange: exchange as Exchange,
    product: order.product as MarginPosition["product"],
  }));
  return queryOptions({
    queryKey: [...key, "margin", positions],
    enabled: positions.length > 0 && positions.length <= MOST_POSITIONS,
    retry: false,
    queryFn: async ({ signal }) => (await call(() => margin({ body: { positions }, signal }))).data,
  });
}

export const MOST_POSITIONS = 50;

/** The last prices of the legs, for before the first tick. */
export function quotesQuery([, account]: AccountKey, legs: readonly Named[]) {
  const symbols = [...new Set(legs.map(nameOf))].sort().map((name) => {
    const colon = name.indexOf(":");
    return { exchange: name.slice(0, colon) as Exchange, symbol: name.slice(colon + 1) };
  });
  return queryOptions({
    queryKey: ["leg-quotes", account, symbols],
    enabled: symbols.length > 0,
    staleTime: 60_000,
    queryFn: async ({ signal }) =>
      (await call(() => multiquotes({ body: { symbols }, signal }))).results,
  });
}

/** The price of what options are on, for the mark in the payoff. */
export function underlyingQuery([, account]: AccountKey, option: SymbolRow | undefined) {
  return queryOptions({
    queryKey: ["leg-underlying", account, option?.exchange, option?.name, option?.expiry],
    enabled: option !== undefined,
    staleTime: 30_000,
    retry: false,
    queryFn: async ({ signal }) => {
      if (option === undefined) throw new Error("There is no option");
      return await call(() =>
        syntheticfuture({
          body: {
            underlying: option.name,
            exchange: option.exchange as Exchange,
            expiry_date: option.expiry.replaceAll("-", ""),
          },
          signal,
        }),
      );
    },
  });
}
