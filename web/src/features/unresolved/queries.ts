import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { unresolved } from "@/client";

export function unresolvedQuery(account: number | null) {
  return queryOptions({
    queryKey: ["unresolved", account],
    queryFn: async ({ signal }) => (await call(() => unresolved({ signal }))).data,
  });
}
