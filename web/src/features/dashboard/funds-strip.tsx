import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Figure, FigureStrip } from "@/components/ui/figure-strip";
import { Money } from "@/components/ui/figures";
import { ErrorState } from "@/components/ui/states";
import { useAccountKey } from "../accounts/queries";
import { LiveProfit } from "../market/live-profit";
import { freeMoney } from "./free-money";
import { fundsQuery, positionsQuery } from "./queries";

/** What there is, what is used, and what today has made of it. */
export function FundsStrip() {
  const key = useAccountKey();
  const funds = useQuery(fundsQuery(key));
  const positions = useQuery(positionsQuery(key));
  const money = funds.data;
  const today = useMemo(
    () => (positions.data?.data ?? []).map((row) => ({ ...row, profit: row.total_pnl_today })),
    [positions.data],
  );
  const unrealised = useMemo(
    () => (positions.data?.data ?? []).map((row) => ({ ...row, profit: row.unrealized_pnl })),
    [positions.data],
  );
  if (funds.isError) return <ErrorState error={funds.error} onRetry={() => funds.refetch()} />;
  return (
    <FigureStrip className="sm:grid-cols-3 xl:grid-cols-5">
      <Figure title="P&L today" className="max-sm:col-span-2" large>
        {positions.isError ? (
          <span className="text-[13px] font-normal text-loss">{positions.error.message}</span>
        ) : (
          positions.data && <LiveProfit positions={today} />
        )}
      </Figure>
      <Figure title="Available">{money && <Money value={freeMoney(money)} />}</Figure>
      <Figure title="Margin used">{money && <Money value={money.utiliseddebits} />}</Figure>
      <Figure title="Unrealised P&L">
        {money &&
          (positions.data ? (
            <LiveProfit positions={unrealised} />
          ) : (
            <Money value={money.m2munrealized} signed />
          ))}
      </Figure>
      <Figure title="Realised P&L">{money && <Money value={money.m2mrealized} signed />}</Figure>
    </FigureStrip>
  );
}
