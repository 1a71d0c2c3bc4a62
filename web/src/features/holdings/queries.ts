import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { holdings } from "@/client";

export function holdingsQuery(key: readonly ["of-account", number | null]) {
  return queryOptions({
    queryKey: [...key, "holdings"],
    queryFn: async ({ signal }) => (await call(() => holdings({ signal }))).data,
  });
}
