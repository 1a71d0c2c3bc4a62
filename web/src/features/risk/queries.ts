import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { risk, riskSettings } from "@/client";

/** Limits and kill switch of an account: told even while its broker cannot be asked. */
export function riskQuery(account: number | null) {
  return queryOptions({
    queryKey: ["risk", account],
    queryFn: async ({ signal }) => (await call(() => riskSettings({ signal }))).data,
  });
}

/** How much of them is used; another with each order. */
export function riskUseQuery(key: readonly ["of-account", number | null]) {
  return queryOptions({
    queryKey: [...key, "risk-use"],
    queryFn: async ({ signal }) => (await call(() => risk({ signal }))).data.usage,
  });
}
