import { useQuery } from "@tanstack/react-query";
import { OctagonX } from "lucide-react";
import type { ReactNode } from "react";
import type { LimitsRow, RiskSettingsRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Money, Time } from "@/components/ui/figures";
import { ErrorState, SkeletonRows } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { formatMoney, formatQuantity } from "@/lib/numbers";
import { useAccount, useAccountKey } from "../accounts/queries";
import { askToRelease, askToStop } from "./kill-switch";
import { shareOf } from "./limits";
import { LimitsForm } from "./limits-form";
import { riskQuery, riskUseQuery } from "./queries";

const MUCH = 0.8;

export function RiskPage() {
  const account = useAccount();
  const risk = useQuery({
    ...riskQuery(account?.id ?? null),
    enabled: account !== undefined,
  });
  return (
    <>
      <PageHead title="Risk">
        What {account?.name ?? "your account"} may risk
        {account && (account.analyze_mode ? ", on paper now" : ", with real money now")}. An order
        beyond a limit is refused before it leaves, whoever sends it.
      </PageHead>
      {risk.isPending && <SkeletonRows />}
      {risk.isError && <ErrorState error={risk.error} onRetry={() => risk.refetch()} />}
      {risk.data && (
        <div className="grid items-start gap-3 xl:grid-cols-[2fr_3fr]">
          <div className="grid gap-3">
            <Switch state={risk.data} />
            <Used limits={risk.data.in_force} />
          </div>
          <LimitsForm key={`${account?.id}:${risk.data.mode}`} state={risk.data} />
        </div>
      )}
    </>
  );
}

function Switch({ state }: { state: RiskSettingsRow }) {
  const thrown = state.kill_switch;
  return (
    <Card
      title="Kill switch"
      aside={<Badge tone={thrown ? "loss" : "gain"}>{thrown ? "✕ engaged" : "✓ released"}</Badge>}
    >
      <div className="grid gap-3">
        {thrown ? (
          <>
            <p>
              Engaged by {thrown.by}, <Time value={thrown.at} />. Only orders that reduce a position
              are taken. Orders and GTTs that worked before may still fill.
            </p>
            <Button size="large" onClick={askToRelease}>
              Release the kill switch
            </Button>
          </>
        ) : (
          <>
            <p>
              Stops everything that would open or add to a position, from programs too. Exits and
              cancellations go on; positions stay open, and orders that work already may fill.
            </p>
            <Button size="large" kind="danger" className="h-14" onClick={askToStop}>
              <OctagonX /> Stop trading
            </Button>
          </>
        )}
      </div>
    </Card>
  );
}

/** How near to the limits the day has come. */
function Used({ limits }: { limits: LimitsRow }) {
  const used = useQuery(riskUseQuery(useAccountKey()));
  const data = used.data;
  const seconds = Object.entries(data?.orders_last_second ?? {});
  return (
    <Card title="Used today">
      {used.isPending && <SkeletonRows rows={3} />}
      {used.isError && <ErrorState error={used.error} onRetry={() => used.refetch()} />}
      {data && (
        <ul className="grid gap-3">
          <Meter
            title={data.loss_today > 0 ? "Lost" : "Profit"}
            said={<Money value={-data.loss_today} signed />}
            share={shareOf(data.loss_today, limits.max_loss_per_day)}
            limit={limits.max_loss_per_day === null ? null : formatMoney(limits.max_loss_per_day)}
          />
          <Meter
            title="Orders since 03:00 IST"
            said={formatQuantity(data.orders_today)}
            share={shareOf(data.orders_today, limits.max_orders_per_day)}
            limit={
              limits.max_orders_per_day === null ? null : formatQuantity(limits.max_orders_per_day)
            }
          />
          {limits.orders_per_second !== null && (
            <Meter
              title="Orders in the last second"
              said={
                seconds.length === 0
                  ? "none"
                  : seconds.map(([exchange, count]) => `${exchange} ${count}`).join(", ")
              }
              share={shareOf(
                Math.max(0, ...seconds.map(([, count]) => count)),
                limits.orders_per_second,
              )}
              limit={`${limits.orders_per_second} a segment`}
            />
          )}
        </ul>
      )}
    </Card>
  );
}

function Meter({
  title,
  said,
  share,
  limit,
}: {
  title: string;
  said: ReactNode;
  share: number | null;
  limit: string | null;
}) {
  const full = share === 1;
  return (
    <li className="grid gap-1">
      <p className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="text-quiet">{title}</span>
        <span className="font-semibold">
          {said}{" "}
          <span className={cn("text-[13px] font-normal", full ? "text-loss" : "text-quiet")}>
            {limit === null ? "no limit" : `of ${limit}${full ? ": used up" : ""}`}
          </span>
        </span>
      </p>
      {share !== null && (
        <meter
          aria-label={`${title}, share of the limit`}
          min={0}
          max={1}
          high={MUCH}
          optimum={0}
          value={share}
          className="h-2 w-full"
        />
      )}
    </li>
  );
}
