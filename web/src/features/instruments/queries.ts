import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { masterContractSmartStatus } from "@/client";

/** How the instruments of the account's broker are, and whether newer ones are due. */
export function instrumentsQuery(account: number | null) {
  return queryOptions({
    queryKey: ["instruments", account],
    queryFn: ({ signal }) => {
      const headers = account === null ? {} : { "X-Account": account };
      return call(() => masterContractSmartStatus({ signal, headers }));
    },
  });
}
