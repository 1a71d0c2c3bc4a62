import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import type { HolidayRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Field, Select } from "@/components/ui/field";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { type Column, DataTable } from "@/components/ui/table";
import { cn } from "@/lib/cn";
import { useNow } from "@/lib/now";
import { dateKey, instantOf } from "@/lib/times";
import { useAccount } from "../accounts/queries";
import { effectOn, hoursText } from "./hours";
import { holidaysQuery } from "./queries";
import { Today } from "./today";

const FIRST_YEAR = 2020;
const LAST_YEAR = 2050;
const MINUTE = 60_000;
const EXCHANGES = ["NSE", "NFO", "BSE", "BFO", "MCX", "CDS", "BCD", "NCDEX", "NCO"];
const DAY = new Intl.DateTimeFormat("en-IN", {
  timeZone: "Asia/Kolkata",
  weekday: "short",
  day: "2-digit",
  month: "short",
});
const KINDS: Readonly<Record<string, string>> = {
  TRADING_HOLIDAY: "Holiday",
  SETTLEMENT_HOLIDAY: "No settlement",
  SPECIAL_SESSION: "Special session",
};

export function CalendarPage() {
  const account = useAccount();
  const today = dateKey(new Date(useNow(MINUTE)));
  const [year, setYear] = useState(() => Number(today.slice(0, 4)));
  return (
    <>
      <PageHead
        title="Calendar"
        aside={
          <nav aria-label="Year" className="flex items-center gap-1">
            <Button
              size="icon"
              aria-label="The year before"
              disabled={year <= FIRST_YEAR}
              onClick={() => setYear(year - 1)}
            >
              <ChevronLeft />
            </Button>
            <output className="min-w-14 text-center text-base font-semibold tabular-nums">
              {year}
            </output>
            <Button
              size="icon"
              aria-label="The year after"
              disabled={year >= LAST_YEAR}
              onClick={() => setYear(year + 1)}
            >
              <ChevronRight />
            </Button>
          </nav>
        }
      >
        {account?.simulated
          ? `The market of ${account.name} is simulated and keeps no hours. These are those of the real exchanges, in IST.`
          : "When the exchanges trade. All times are IST."}
      </PageHead>
      <div className="grid items-start gap-3 xl:grid-cols-[2fr_3fr]">
        <Today today={today} />
        <Holidays year={year} today={today} />
      </div>
    </>
  );
}

function Holidays({ year, today }: { year: number; today: string }) {
  const [exchange, setExchange] = useState("");
  const holidays = useQuery(holidaysQuery(year));
  const all = holidays.data ?? [];
  const [withPast, showPast] = useState(false);
  const wanted = exchange === "" ? all : all.filter((row) => effectOn(row, exchange) !== null);
  const past = wanted.filter((row) => row.date < today).length;
  // Of a year that is over, all of it is past.
  const shown = withPast || past === wanted.length ? wanted : wanted.slice(past);
  const next = shown.find((row) => row.date >= today);
  return (
    <Card
      title={`Holidays and special sessions of ${year}`}
      bodyClassName="p-0"
      aside={
        <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
          {past > 0 && past < wanted.length && (
            <label className="flex items-center gap-1.5 text-[13px]">
              <input
                type="checkbox"
                className="size-4 accent-(--accent)"
                checked={withPast}
                onChange={(event) => showPast(event.target.checked)}
              />
              Also the {past} that are past
            </label>
          )}
          <Field label="Exchange" className="grid-flow-col items-center gap-2">
            {(attributes) => (
              <Select
                {...attributes}
                value={exchange}
                onChange={(event) => setExchange(event.target.value)}
              >
                <option value="">All</option>
                {EXCHANGES.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </Select>
            )}
          </Field>
        </span>
      }
    >
      {holidays.isPending && <SkeletonRows />}
      {holidays.isError && <ErrorState error={holidays.error} onRetry={() => holidays.refetch()} />}
      {holidays.isSuccess && (
        <DataTable
          caption={`Holidays and special sessions of ${year}`}
          columns={columns(exchange, today, next)}
          rows={shown}
          rowKey={(row) => `${row.date}:${row.holiday_type}:${row.description}`}
          className="max-h-[36rem]"
          empty={
            all.length === 0 ? (
              <EmptyState title={`The holidays of ${year} are not known here`}>
                The exchanges announce a year in December, and a newer version of the server brings
                them. Until then every weekday counts as a trading day.
              </EmptyState>
            ) : (
              <EmptyState title={`${exchange} keeps its usual hours all year`} />
            )
          }
          card={(row) => (
            <div className={cn("grid gap-1", row.date < today && "text-quiet")}>
              <span className="flex justify-between gap-2">
                <span className="font-medium">{row.description}</span>
                <span className="num">{dayOf(row)}</span>
              </span>
              <span className="text-[13px] text-quiet">
                <Effect row={row} exchange={exchange} />
              </span>
            </div>
          )}
        />
      )}
    </Card>
  );
}

function columns(
  exchange: string,
  today: string,
  next: HolidayRow | undefined,
): Column<HolidayRow>[] {
  return [
    {
      id: "date",
      title: "Date",
      sortBy: (row) => row.date,
      cell: (row) => (
        <span className={cn("num", row.date < today && "text-quiet")}>{dayOf(row)}</span>
      ),
    },
    {
      id: "occasion",
      title: "Occasion",
      sortBy: (row) => row.description,
      cell: (row) => (
        <span className={cn(row.date < today ? "text-quiet" : "font-medium")}>
          {row.description}{" "}
          {row === next && <Badge tone="accent">{row.date === today ? "today" : "next"}</Badge>}
        </span>
      ),
    },
    {
      id: "kind",
      title: "Kind",
      sortBy: (row) => row.holiday_type,
      cell: (row) => (
        <Badge tone={row.holiday_type === "SPECIAL_SESSION" ? "warn" : "plain"}>
          {KINDS[row.holiday_type] ?? row.holiday_type}
        </Badge>
      ),
    },
    {
      id: "effect",
      title: exchange || "Exchanges",
      className: "min-w-80 py-1 whitespace-normal",
      cell: (row) => <Effect row={row} exchange={exchange} />,
    },
  ];
}

/** Who is closed, and who trades at hours of their own. */
function Effect({ row, exchange }: { row: HolidayRow; exchange: string }) {
  const closed = row.closed_exchanges.filter((each) => exchange === "" || each === exchange);
  const byHours = new Map<string, string[]>();
  for (const hours of row.open_exchanges) {
    if (exchange !== "" && hours.exchange !== exchange) continue;
    const text = hoursText(hours);
    byHours.set(text, [...(byHours.get(text) ?? []), hours.exchange]);
  }
  return (
    <span className="text-[13px]">
      {closed.length > 0 && (
        <span className="block">
          <span className="text-quiet">Closed:</span>{" "}
          {closed.length === EXCHANGES.length ? "all" : closed.join(", ")}
        </span>
      )}
      {[...byHours].map(([text, exchanges]) => (
        <span key={text} className="block">
          <span className="text-quiet">{exchanges.join(", ")}:</span>{" "}
          <span className="num">{text}</span>
        </span>
      ))}
      {closed.length === 0 && byHours.size === 0 && (
        <span className="text-quiet">All trade as usual</span>
      )}
    </span>
  );
}

function dayOf(row: HolidayRow): string {
  const instant = instantOf(`${row.date}T12:00:00`);
  return instant === null ? row.date : DAY.format(instant);
}
