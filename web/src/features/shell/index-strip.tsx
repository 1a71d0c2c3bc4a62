import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "@/api";
import { multiquotes, replay } from "@/client";
import { Time } from "@/components/ui/figures";
import { cn } from "@/lib/cn";
import { useNow } from "@/lib/now";
import { dateKey } from "@/lib/times";
import { useAccount, useAccountKey } from "../accounts/queries";
import { standings, whenText } from "../calendar/hours";
import { hoursQuery } from "../calendar/queries";
import { LivePrice } from "../market/live-price";

const INDICES = [
  { symbol: "NIFTY", exchange: "NSE_INDEX", title: "NIFTY", room: "" },
  { symbol: "BANKNIFTY", exchange: "NSE_INDEX", title: "BANKNIFTY", room: "" },
  { symbol: "SENSEX", exchange: "BSE_INDEX", title: "SENSEX", room: "hidden @min-[1220px]:block" },
  {
    symbol: "INDIAVIX",
    exchange: "NSE_INDEX",
    title: "INDIA VIX",
    room: "hidden @min-[1350px]:block",
  },
] as const;
const MINUTE = 60_000;

/** The indices that the market of the account has, and whether that market is open: as much of it as
 * the header has room for. */
export function IndexStrip() {
  const account = useAccount();
  const { data: known } = useQuery({
    queryKey: ["quotes", "indices", account?.id ?? null],
    enabled: account !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const symbols = INDICES.map(({ symbol, exchange }) => ({ symbol, exchange }));
      return (await call(() => multiquotes({ body: { symbols }, signal }))).results;
    },
  });
  return (
    <ul aria-label="Indices" className="hidden min-w-0 items-center gap-4 pl-3 @min-[1080px]:flex">
      {INDICES.map(({ symbol, exchange, title, room }) => {
        const quote = known?.find((each) => each.symbol === symbol && each.exchange === exchange);
        return (
          quote?.data && (
            <li key={symbol} className={cn("leading-tight", room)}>
              <Link
                to="/trading"
                search={{ symbol, exchange }}
                className="block rounded hover:underline"
              >
                <span className="block text-[11px] text-quiet">{title}</span>
                <LivePrice symbol={symbol} exchange={exchange} known={quote.data} withChange />
              </Link>
            </li>
          )
        );
      })}
      <li className="hidden text-[13px] text-quiet @min-[1450px]:block">
        {account?.broker === "replay" ? <ReplayWord /> : !account?.simulated && <ClosedWord />}
      </li>
    </ul>
  );
}

/** Where the exchanges are closed, why nothing moves. */
function ClosedWord() {
  const now = useNow(MINUTE);
  const { data } = useQuery(hoursQuery(dateKey(new Date(now))));
  const nse = standings(data ?? [], now).find(({ exchange }) => exchange === "NSE");
  if (nse === undefined || nse.open) return null;
  return (
    <Link to="/calendar" className="rounded hover:underline">
      NSE closed{nse.changes !== null && `, opens ${whenText(nse.changes, now)}`}
    </Link>
  );
}

/** A replayed market keeps the time of its recording. */
function ReplayWord() {
  const key = useAccountKey();
  const { data } = useQuery({
    queryKey: [...key, "replay"],
    queryFn: async ({ signal }) => (await call(() => replay({ signal }))).data,
  });
  if (data === undefined) return null;
  return (
    <>
      Replay of <Time value={data.now} />
      {data.finished && ", at its end"}
    </>
  );
}
