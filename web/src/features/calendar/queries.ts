import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api";
import { type Hours, marketHolidays, marketTimings } from "@/client";
import { daysFrom } from "./hours";

const HOUR = 3_600_000;
/** Holidays and weekends together are never longer. */
const FURTHEST = 7;

/** The hours of today and of the days after it, until every exchange of them has traded again. */
export function hoursQuery(today: string) {
  return queryOptions({
    queryKey: ["calendar", "hours", today],
    staleTime: HOUR,
    queryFn: async ({ signal }) => {
      const days: Hours[][] = [];
      for (const date of daysFrom(Date.parse(`${today}T12:00:00+05:30`), FURTHEST)) {
        const { data } = await call(() => marketTimings({ body: { date }, signal }));
        days.push(data);
        if (days.length > 1 && data.some((hours) => hours.exchange === "NSE")) break;
      }
      return days;
    },
  });
}

export function holidaysQuery(year: number) {
  return queryOptions({
    queryKey: ["calendar", "holidays", year],
    staleTime: HOUR,
    queryFn: async ({ signal }) =>
      (await call(() => marketHolidays({ body: { year }, signal }))).data,
  });
}
