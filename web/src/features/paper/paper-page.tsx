import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { downloadAddress } from "@/api";
import type { PaperProfit } from "@/client";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Money } from "@/components/ui/figures";
import { ErrorState, SkeletonRows } from "@/components/ui/states";
import { Tab, TabPanel, Tabs, TabsList } from "@/components/ui/tabs";
import { useNow } from "@/lib/now";
import { dateKey } from "@/lib/times";
import { useAccount, useAccountKey } from "../accounts/queries";
import { Daily } from "./daily";
import { paperQuery } from "./queries";
import { PaperHoldings, PaperPositions, PaperTrades } from "./tables";

const VIEWS = ["daily", "positions", "holdings", "trades"] as const;
type View = (typeof VIEWS)[number];

const MINUTE = 60_000;
/** A trading day runs from 03:00 to 03:00 IST. */
const DAY_BEGINS = 3 * 3_600_000;

export function PaperPage() {
  const [, id] = useAccountKey();
  const account = useAccount();
  const [view, setView] = useState<View>("daily");
  const today = dateKey(new Date(useNow(MINUTE) - DAY_BEGINS));
  const profit = useQuery(paperQuery(id));
  const data = profit.data;
  return (
    <>
      <PageHead
        title="Paper P&L"
        aside={
          data &&
          rowsOf(data, view) > 0 && (
            <Button asChild>
              <a href={downloadAddress(`/sandbox/mypnl/export/${view}`)} download>
                <Download /> CSV of {view === "daily" ? "all days" : view}
              </a>
            </Button>
          )
        }
      >
        What {account?.name ?? "your account"} made with simulated money since its last reset.
      </PageHead>
      {profit.isPending && <SkeletonRows />}
      {profit.isError && <ErrorState error={profit.error} onRetry={() => profit.refetch()} />}
      {data && (
        <div className="grid gap-3">
          <Summary profit={data} />
          <Tabs value={view} onValueChange={(next) => setView(next as View)}>
            <TabsList aria-label="What to show" className="mb-3">
              <Tab value="daily">Daily</Tab>
              <Tab value="positions">Positions {data.positions.length}</Tab>
              <Tab value="holdings">Holdings {data.holdings.length}</Tab>
              <Tab value="trades">Trades</Tab>
            </TabsList>
            <TabPanel value="daily">
              <Daily profit={data} today={today} />
            </TabPanel>
            <TabPanel value="positions">
              <Card bodyClassName="p-0">
                <PaperPositions rows={data.positions} />
              </Card>
            </TabPanel>
            <TabPanel value="holdings">
              <Card bodyClassName="p-0">
                <PaperHoldings rows={data.holdings} />
              </Card>
            </TabPanel>
            <TabPanel value="trades">
              <Card title="The newest 50" bodyClassName="p-0">
                <PaperTrades rows={data.trades} />
              </Card>
            </TabPanel>
          </Tabs>
        </div>
      )}
    </>
  );
}

function rowsOf(profit: PaperProfit, view: View): number {
  return view === "daily" ? profit.daily_pnl.length : profit[view].length;
}

function Summary({ profit: { summary } }: { profit: PaperProfit }) {
  const figures = [
    { title: "Total P&L", value: summary.total_pnl, signed: true },
    { title: "Realised today", value: summary.today_realized_pnl, signed: true },
    { title: "Realised ever", value: summary.all_time_realized_pnl, signed: true },
    { title: "Unrealised", value: summary.total_unrealized_pnl, signed: true },
    { title: "Available", value: summary.available_balance, signed: false },
    { title: "Starting capital", value: summary.total_capital, signed: false },
  ];
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3 xl:grid-cols-6">
      {figures.map(({ title, value, signed }) => (
        <div key={title} className="bg-surface px-3 py-2.5">
          <dt className="text-[13px] text-quiet">{title}</dt>
          <dd className="text-base font-semibold">
            <Money value={value} signed={signed} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
