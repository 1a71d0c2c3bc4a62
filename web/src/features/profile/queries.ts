import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { activeSessions } from "@/client";

export const devicesQuery = queryOptions({
  queryKey: ["devices"],
  queryFn: ({ signal }) => call(() => activeSessions({ signal })),
});
