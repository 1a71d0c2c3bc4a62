import { useQuery } from "@tanstack/react-query";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { useNow } from "@/lib/now";
import { brokersQuery, useAccount } from "../accounts/queries";
import { hoursText, standings, type Together, together, untilText, whenText } from "./hours";
import { holidaysQuery, hoursQuery } from "./queries";

const SECONDS = 10_000;
const NEVER_CLOSES = "CRYPTO";
const TODAY = new Intl.DateTimeFormat("en-IN", {
  timeZone: "Asia/Kolkata",
  weekday: "long",
  day: "numeric",
  month: "long",
});

/** Which exchanges are open now, today's hours, and what changes next. */
export function Today({ today }: { today: string }) {
  const now = useNow(SECONDS);
  const hours = useQuery(hoursQuery(today));
  const holidays = useQuery(holidaysQuery(Number(today.slice(0, 4))));
  const account = useAccount();
  const { data: brokers } = useQuery(brokersQuery);
  const traded = brokers?.data.find((each) => each.id === account?.broker)?.exchanges;
  const rows = together(
    standings(hours.data ?? [], now).filter(
      // Of crypto only its traders want to hear.
      ({ exchange }) => exchange !== NEVER_CLOSES || traded?.includes(NEVER_CLOSES),
    ),
  );
  const occasion = holidays.data?.find((row) => row.date === today);
  return (
    <Card
      title={`Today, ${TODAY.format(now)}`}
      aside={occasion && <Badge tone="warn">{occasion.description}</Badge>}
      bodyClassName="p-0"
    >
      {hours.isPending && <SkeletonRows />}
      {hours.isError && <ErrorState error={hours.error} onRetry={() => hours.refetch()} />}
      {hours.isSuccess && rows.length === 0 && (
        <EmptyState title="No exchange trades within a week" />
      )}
      <ul>
        {rows.map((row) => (
          <li
            key={row.exchanges.join()}
            className="grid grid-cols-[5.5rem_4rem_1fr] items-center gap-2 border-b border-line/60 px-3 py-2 last:border-0"
          >
            <span className="font-medium">{row.exchanges.join(", ")}</span>
            <span>
              <Badge tone={row.open ? "gain" : "plain"}>{row.open ? "open" : "closed"}</Badge>
            </span>
            <span className="min-w-0 text-right">
              <span className="num block">
                {row.today.length === 0 ? (
                  <span className="text-quiet">not today</span>
                ) : (
                  row.today.map(hoursText).join(", ")
                )}
              </span>
              <Next row={row} now={now} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Next({ row, now }: { row: Together; now: number }) {
  if (row.changes === null) {
    return <span className="block text-[13px] text-quiet">no opening within a week</span>;
  }
  return (
    <span className="block text-[13px] text-quiet">
      <span className="num">
        {row.open ? "closes" : "opens"} {whenText(row.changes, now)},
      </span>{" "}
      <span className="num">{untilText(row.changes, now)}</span>
    </span>
  );
}
