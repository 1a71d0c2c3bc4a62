import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { paperPnl } from "@/client";

export function paperQuery(account: number | null) {
  return queryOptions({
    queryKey: ["paper-pnl", account],
    queryFn: async ({ signal }) => (await call(() => paperPnl({ signal }))).data,
  });
}
