import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { explain, orderbook } from "@/client";

type AccountKey = readonly ["of-account", number | null];

export function ordersQuery(key: AccountKey) {
  return queryOptions({
    queryKey: [...key, "orders"],
    queryFn: ({ signal }) => call(() => orderbook({ signal })),
  });
}

export function explainQuery(key: AccountKey, orderid: string) {
  return queryOptions({
    queryKey: [...key, "explain", orderid],
    queryFn: async ({ signal }) => (await call(() => explain({ body: { orderid }, signal }))).data,
  });
}
