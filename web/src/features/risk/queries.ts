import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { risk } from "@/client";

/** Limits and kill switch of an account; they change seldom, and every page shows the switch. */
export function riskQuery(account: number | null) {
  return queryOptions({
    queryKey: ["risk", account],
    queryFn: async ({ signal }) => (await call(() => risk({ signal }))).data,
  });
}

/** The same with each order: what is used up. */
export function riskUseQuery(key: readonly ["of-account", number | null]) {
  return queryOptions({
    queryKey: [...key, "risk-use"],
    queryFn: async ({ signal }) => (await call(() => risk({ signal }))).data.usage,
  });
}
