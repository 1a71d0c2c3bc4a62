import { PageHead } from "@/components/ui/card";
import { useAccount } from "../accounts/queries";
import { DayProfitCard } from "../pnl/day-profit-card";
import { Checklist } from "../start/checklist";
import { FundsStrip } from "./funds-strip";
import { Instruments } from "./instruments";
import { MarketWatch } from "./market-watch";
import { Positions } from "./positions";

export function DashboardPage() {
  const account = useAccount();
  return (
    <>
      <PageHead title="Dashboard" aside={<Instruments />}>
        {account && `${account.name}, ${account.broker_name}`}
      </PageHead>
      <div className="grid gap-3">
        <Checklist />
        <FundsStrip />
        <div className="@container">
          <div className="grid items-start gap-3 @min-[1080px]:grid-cols-[3fr_2fr]">
            <div className="grid min-w-0 gap-3">
              <DayProfitCard />
              <Positions />
            </div>
            <MarketWatch />
          </div>
        </div>
      </div>
    </>
  );
}
