import { queryOptions, useQuery } from "@tanstack/react-query";
import { call, selectedAccount } from "@/api";
import { type AccountRow, accounts, brokers } from "@/client";
import { useStore } from "@/lib/store";

export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  queryFn: async ({ signal }) => (await call(() => accounts({ signal }))).data,
});

export const brokersQuery = queryOptions({
  queryKey: ["brokers"],
  queryFn: ({ signal }) => call(() => brokers({ signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The account the user looks at: the one they chose, else their default one. */
export function useAccount(): AccountRow | undefined {
  const chosen = useStore(selectedAccount);
  const { data } = useQuery(accountsQuery);
  return accountOf(data, chosen);
}

export function accountOf(rows: AccountRow[] | undefined, chosen: number | null) {
  return rows?.find((row) => row.id === chosen) ?? rows?.find((row) => row.is_default) ?? rows?.[0];
}

/** The beginning of the keys of all that belongs to the account: another account, other data. */
export function useAccountKey(): readonly ["of-account", number | null] {
  return ["of-account", useStore(selectedAccount)];
}

/** Whether its broker gives neither prices nor books before somebody logs in. */
export function needsLogin(account: AccountRow): boolean {
  return !account.simulated && account.session.state !== "connected";
}
