import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import {
  depth,
  type Exchange,
  type MarginPosition,
  margin,
  orderstatus,
  symbol_ as symbolFacts,
} from "@/client";
import { contractOf } from "./contract";
import { STRATEGY } from "./requests";

type AccountKey = readonly ["of-account", number | null];

interface Instrument {
  symbol: string;
  exchange: string;
}

function named({ symbol, exchange }: Instrument) {
  return { symbol, exchange: exchange as Exchange };
}

export function contractQuery([, account]: AccountKey, instrument: Instrument) {
  return queryOptions({
    queryKey: ["instruments", "contract", account, instrument.exchange, instrument.symbol],
    queryFn: async ({ signal }) =>
      contractOf((await call(() => symbolFacts({ body: named(instrument), signal }))).data),
    staleTime: 3_600_000,
  });
}

/** The book before the first tick; it does not belong to what orders make old. */
export function depthQuery([, account]: AccountKey, instrument: Instrument) {
  return queryOptions({
    queryKey: ["depth", account, instrument.exchange, instrument.symbol],
    queryFn: async ({ signal }) =>
      (await call(() => depth({ body: named(instrument), signal }))).data,
    staleTime: 5_000,
  });
}

export function marginQuery(key: AccountKey, position: MarginPosition | null) {
  return queryOptions({
    queryKey: [...key, "margin", position],
    enabled: position !== null,
    retry: false,
    queryFn: async ({ signal }) =>
      (await call(() => margin({ body: { positions: position ? [position] : [] }, signal }))).data,
  });
}

export function orderQuery([, account]: AccountKey, orderid: string) {
  return queryOptions({
    queryKey: ["ticket-order", account, orderid],
    staleTime: 0,
    gcTime: 0,
    queryFn: async ({ signal }) =>
      (await call(() => orderstatus({ body: { strategy: STRATEGY, orderid }, signal }))).data,
  });
}
