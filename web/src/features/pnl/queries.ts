import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { call } from "@/api";
import { pnlDays, pnlStrategies, pnlToday, type TodayRow } from "@/client";
import { onEvents } from "@/live";
import { useAccount, useAccountKey } from "../accounts/queries";
import { type DayProfitEvent, grown } from "./curve";

type AccountKey = readonly ["of-account", number | null];

export function todayQuery(key: AccountKey) {
  return queryOptions({
    queryKey: [...key, "pnl", "today"],
    queryFn: async ({ signal }): Promise<TodayRow> => (await call(() => pnlToday({ signal }))).data,
  });
}

export function strategiesQuery(key: AccountKey) {
  return queryOptions({
    queryKey: [...key, "pnl", "strategies"],
    queryFn: async ({ signal }) => (await call(() => pnlStrategies({ signal }))).data,
  });
}

export function daysQuery(key: AccountKey) {
  return queryOptions({
    queryKey: [...key, "pnl", "days"],
    queryFn: async ({ signal }) =>
      (await call(() => pnlDays({ query: { limit: 365 }, signal }))).data,
  });
}

/** What the account makes today, growing with each second in which that changes. */
export function useDayProfit() {
  const key = useAccountKey();
  const queryClient = useQueryClient();
  const account = useAccount()?.id;
  const newest = useRef<{ whose: number | undefined; news: DayProfitEvent } | null>(null);
  const day = useQuery({
    ...todayQuery(key),
    // A reply may have been under way while something newer was told.
    select: (known) => {
      const told = newest.current;
      if (told === null || told.whose !== account) return known;
      return told.news.time > Date.parse(known.as_of ?? "") ? grown(known, told.news) : known;
    },
  });
  const [, chosen] = key;
  useEffect(() => {
    const { queryKey } = todayQuery(["of-account", chosen]);
    return onEvents(
      ({ event, account: whose, data }) => {
        if (event !== "day_pnl" || whose !== account) return;
        const news = data as unknown as DayProfitEvent;
        newest.current = { whose, news };
        queryClient.setQueryData(queryKey, (known) => known && grown(known, news));
      },
      () => {},
    );
  }, [queryClient, account, chosen]);
  return day;
}
