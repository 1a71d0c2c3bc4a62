import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { actionCenterCount, actionCenterData, type StatusFilter } from "@/client";

export const pendingCountQuery = queryOptions({
  queryKey: ["approvals", "count"],
  queryFn: async ({ signal }) => (await call(() => actionCenterCount({ signal }))).count,
});

export function approvalsQuery(status: StatusFilter) {
  return queryOptions({
    queryKey: ["approvals", "list", status],
    queryFn: async ({ signal }) =>
      (await call(() => actionCenterData({ query: { status }, signal }))).data,
  });
}
