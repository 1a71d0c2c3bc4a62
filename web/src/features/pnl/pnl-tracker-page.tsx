import { Download } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import type { TodayRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Money, Time } from "@/components/ui/figures";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { Tab, TabPanel, Tabs, TabsList } from "@/components/ui/tabs";
import { saveFile, toCsv } from "@/lib/csv";
import { formatDate } from "@/lib/times";
import { CurveChart } from "./curve-chart";
import { DaysTable } from "./days-table";
import { PointsTable } from "./points-table";
import { useDayProfit } from "./queries";
import { StrategiesTable } from "./strategies-table";
import { SymbolsTable } from "./symbols-table";

/** What the account makes: the day as a curve, whose it was, and the days before. */
export function PnlTrackerPage() {
  const day = useDayProfit();
  return (
    <>
      <PageHead title="P&L tracker" aside={day.data && <Export day={day.data} />}>
        {day.data &&
          `${formatDate(day.data.day)}, ${day.data.mode === "live" ? "at your broker" : "on paper"}`}
      </PageHead>
      {day.isPending && <SkeletonRows />}
      {day.isError && <ErrorState error={day.error} onRetry={() => day.refetch()} />}
      {day.data && (
        <div className="grid gap-3">
          <Figures day={day.data} />
          <Curves day={day.data} />
          <Breakdown day={day.data} />
        </div>
      )}
    </>
  );
}

function Figures({ day }: { day: TodayRow }) {
  const { current, max, min } = day;
  return (
    <>
      {day.problem && (
        <p role="status" className="rounded-md border border-warn/50 bg-warn-soft px-3 py-2">
          {day.problem}
          {day.as_of ? (
            <>
              {" "}
              What is shown is of <Time value={day.as_of} />.
            </>
          ) : (
            " The profit of the day is not known."
          )}
        </p>
      )}
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3 xl:grid-cols-6">
        <Figure title="P&L today">
          <Money value={current?.total} signed />
        </Figure>
        <Figure title="Realised">
          <Money value={current?.realized} signed />
        </Figure>
        <Figure title="Unrealised">
          <Money value={current?.unrealized} signed />
        </Figure>
        <Figure title="Highest" at={max?.at}>
          <Money value={max?.total} signed />
        </Figure>
        <Figure title="Lowest" at={min?.at}>
          <Money value={min?.total} signed />
        </Figure>
        <Figure title="Max drawdown">
          <Money value={current && day.max_drawdown} />
        </Figure>
      </dl>
    </>
  );
}

function Figure({
  title,
  at,
  children,
}: {
  title: string;
  at?: string | undefined;
  children: ReactNode;
}) {
  return (
    <div className="grid content-start gap-0.5 bg-surface px-3 py-2.5">
      <dt className="text-[13px] text-quiet">{title}</dt>
      <dd className="text-base font-semibold">
        {children}
        {at && (
          <span className="block text-xs font-normal text-quiet">
            <Time value={at} />
          </span>
        )}
      </dd>
    </div>
  );
}

function Curves({ day }: { day: TodayRow }) {
  const [inNumbers, show] = useState(false);
  const { series } = day;
  const totals = useMemo(() => series.map(({ time, total }) => ({ time, value: total })), [series]);
  const drawdowns = useMemo(
    () => series.map(({ time, drawdown }) => ({ time, value: drawdown })),
    [series],
  );
  return (
    <Card
      title="Curve of the day"
      bodyClassName={inNumbers ? "p-0" : undefined}
      aside={
        series.length > 0 && (
          <Button size="small" aria-pressed={inNumbers} onClick={() => show(!inNumbers)}>
            In numbers
          </Button>
        )
      }
    >
      {series.length === 0 ? (
        <EmptyState title="Nothing made or lost today">
          The curve begins with your first trade.
        </EmptyState>
      ) : inNumbers ? (
        <PointsTable points={series} className="max-h-[28rem]" />
      ) : (
        <div className="grid gap-4">
          <section className="grid gap-1">
            <h3 className="text-[13px] font-medium text-quiet">Profit and loss</h3>
            <CurveChart title="Profit and loss of the day" values={totals} className="h-44" />
          </section>
          <section className="grid gap-1">
            <h3 className="text-[13px] font-medium text-quiet">Drawdown from the highest</h3>
            <CurveChart title="Drawdown" values={drawdowns} className="h-20" />
          </section>
        </div>
      )}
    </Card>
  );
}

function Breakdown({ day }: { day: TodayRow }) {
  return (
    <Card bodyClassName="p-0">
      <Tabs defaultValue="symbols">
        <TabsList aria-label="Whose profit it was" className="px-2">
          <Tab value="symbols">By symbol</Tab>
          <Tab value="strategies">By strategy</Tab>
          <Tab value="days">By day</Tab>
        </TabsList>
        <TabPanel value="symbols">
          <SymbolsTable positions={day.positions} />
        </TabPanel>
        <TabPanel value="strategies">
          <StrategiesTable />
        </TabPanel>
        <TabPanel value="days">
          <DaysTable />
        </TabPanel>
      </Tabs>
    </Card>
  );
}

function Export({ day }: { day: TodayRow }) {
  const save = () => {
    const rows = day.series.map((point) => [
      new Date(point.time).toISOString(),
      point.realized,
      point.unrealized,
      point.total,
      point.drawdown,
    ]);
    const head = ["time", "realised", "unrealised", "total", "drawdown"];
    saveFile(`pnl_${day.day}.csv`, toCsv([head, ...rows]));
  };
  return (
    <Button disabled={day.series.length === 0} onClick={save}>
      <Download /> CSV
    </Button>
  );
}
