import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Money, Time } from "@/components/ui/figures";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { CurveChart } from "./curve-chart";
import { PointsTable } from "./points-table";
import { useDayProfit } from "./queries";

/** The profit of the day as a small curve. */
export function DayProfitCard() {
  const day = useDayProfit();
  const [inNumbers, show] = useState(false);
  const series = day.data?.series;
  const values = useMemo(
    () => (series ?? []).map(({ time, total }) => ({ time, value: total })),
    [series],
  );
  return (
    <Card
      title="P&L of the day"
      aside={
        <div className="flex items-center gap-1.5">
          {values.length > 0 && (
            <Button size="small" aria-pressed={inNumbers} onClick={() => show(!inNumbers)}>
              In numbers
            </Button>
          )}
          <Button asChild size="small">
            <Link to="/pnl-tracker">P&L tracker</Link>
          </Button>
        </div>
      }
      bodyClassName={inNumbers ? "p-0" : "grid gap-2 p-3"}
    >
      {day.isPending && <SkeletonRows rows={3} />}
      {day.isError && <ErrorState error={day.error} onRetry={() => day.refetch()} />}
      {day.data?.problem && (
        <p role="status" className="text-warn">
          {day.data.problem}
          {day.data.as_of && (
            <>
              {" "}
              What is shown is of <Time value={day.data.as_of} />.
            </>
          )}
        </p>
      )}
      {day.data && values.length === 0 && !day.data.problem && (
        <EmptyState title="Nothing made or lost today">
          The curve begins with your first trade.
        </EmptyState>
      )}
      {day.data && values.length > 0 && inNumbers && <PointsTable points={day.data.series} />}
      {day.data && values.length > 0 && !inNumbers && (
        <>
          <CurveChart title="Profit and loss of the day" values={values} className="h-24" />
          <p className="flex flex-wrap gap-x-4 gap-y-1 text-[13px] text-quiet">
            <span>
              Highest <Money value={day.data.max?.total} signed />{" "}
              {day.data.max && <Time value={day.data.max.at} />}
            </span>
            <span>
              Lowest <Money value={day.data.min?.total} signed />{" "}
              {day.data.min && <Time value={day.data.min.at} />}
            </span>
            <span>
              Max drawdown <Money value={day.data.max_drawdown} />
            </span>
          </p>
        </>
      )}
    </Card>
  );
}
