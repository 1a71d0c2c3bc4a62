import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { tradebook } from "@/client";

export function tradesQuery(key: readonly ["of-account", number | null]) {
  return queryOptions({
    queryKey: [...key, "trades"],
    queryFn: async ({ signal }) => (await call(() => tradebook({ signal }))).data,
  });
}
