import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { funds, positionbook } from "@/client";

type AccountKey = readonly ["of-account", number | null];

export function fundsQuery(key: AccountKey) {
  return queryOptions({
    queryKey: [...key, "funds"],
    queryFn: async ({ signal }) => (await call(() => funds({ signal }))).data,
  });
}

export function positionsQuery(key: AccountKey) {
  return queryOptions({
    queryKey: [...key, "positions"],
    queryFn: ({ signal }) => call(() => positionbook({ signal })),
  });
}
