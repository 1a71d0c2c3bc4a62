import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { gttorderbook } from "@/client";

export function gttsQuery(key: readonly ["of-account", number | null]) {
  return queryOptions({
    queryKey: [...key, "gtts"],
    queryFn: async ({ signal }) =>
      (await call(() => gttorderbook({ body: { status: "all" }, signal }))).data,
  });
}
