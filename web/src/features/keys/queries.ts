import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { apiKey, apiKeys } from "@/client";

export const keysQuery = queryOptions({
  queryKey: ["keys", "all"],
  queryFn: async ({ signal }) => (await call(() => apiKeys({ signal }))).data,
});

/** Holds the key itself: it is forgotten as soon as nobody looks at it. */
export const defaultKeyQuery = queryOptions({
  queryKey: ["of-account", "default-key"],
  queryFn: ({ signal }) => call(() => apiKey({ signal })),
  gcTime: 0,
});
