import { queryOptions } from "@tanstack/react-query";
import { call, session } from "@/api";
import { checkSetup, sessionStatus } from "@/client";

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }) => {
    const status = await call(() => sessionStatus({ signal }));
    if (status.authenticated) session.found();
    return status;
  },
});

export const setupQuery = queryOptions({
  queryKey: ["setup-state"],
  queryFn: ({ signal }) => call(() => checkSetup({ signal })),
});
