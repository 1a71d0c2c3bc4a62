import { useMemo, useState } from "react";
import type { PaperProfit } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Field, Select } from "@/components/ui/field";
import { Money } from "@/components/ui/figures";
import { type Column, DataTable } from "@/components/ui/table";
import { formatCompactMoney, formatMoney, formatPercent } from "@/lib/numbers";
import { formatDate } from "@/lib/times";
import { type DayResult, daysOf, type Measure, pictureOf, statisticsOf } from "./statistics";

/** The days as bars, as figures and as a table. */
export function Daily({ profit, today }: { profit: PaperProfit; today: string }) {
  const [measure, setMeasure] = useState<Measure>("realised");
  const days = useMemo(
    () => daysOf(profit.daily_pnl, profit.summary, today, measure),
    [profit, today, measure],
  );
  return (
    <div className="grid gap-3">
      <Card
        title={days.length === 1 ? "Today so far" : `The last ${days.length} trading days`}
        aside={
          <Field label="Measure" className="grid-flow-col items-center gap-2">
            {(attributes) => (
              <Select
                {...attributes}
                value={measure}
                onChange={(event) => setMeasure(event.target.value as Measure)}
              >
                <option value="realised">Realised P&L</option>
                <option value="value">Change of the account's value</option>
              </Select>
            )}
          </Field>
        }
      >
        <Figures days={days} />
        {days.some((day) => day.result) ? (
          <Bars days={days} />
        ) : (
          <p className="mt-4 text-quiet">
            {measure === "realised"
              ? "Nothing was realised yet: a closed position is the first bar here."
              : "The value of a day is recorded at its end, 03:00 IST: the first bar comes tomorrow."}
          </p>
        )}
      </Card>
      <Card bodyClassName="p-0">
        <DataTable
          caption="Results by day"
          columns={COLUMNS}
          rows={days}
          rowKey={(day) => day.date}
          initialSort={[{ id: "date", desc: true }]}
          className="max-h-[26rem]"
          empty={null}
          card={(day) => (
            <div className="flex items-baseline justify-between gap-3">
              <span>
                <span className="block font-medium">{formatDate(`${day.date}T12:00:00`)}</span>
                <span className="text-[13px] text-quiet">
                  worth <Money value={day.row.portfolio_value} />
                </span>
              </span>
              <Money value={day.result} signed />
            </div>
          )}
        />
      </Card>
    </div>
  );
}

function Figures({ days }: { days: readonly DayResult[] }) {
  const found = statisticsOf(days);
  const figures = [
    { title: "Together", said: <Money value={found.total} signed /> },
    {
      title: "Winning days",
      said: found.winRate === null ? "—" : formatPercent(found.winRate, { signed: false }),
      note: found.winRate !== null && `${found.winning} of ${found.winning + found.losing}`,
    },
    {
      title: "Profit factor",
      said: found.profitFactor === null ? "—" : found.profitFactor.toFixed(2),
      note:
        found.profitFactor !== null
          ? "won per rupee lost"
          : found.winning > 0 && "no losing day yet",
    },
    {
      title: "Best day",
      said: <Money value={found.best?.result} signed />,
      note: found.best && formatDate(`${found.best.date}T12:00:00`),
    },
    {
      title: "Worst day",
      said: <Money value={found.worst?.result} signed />,
      note: found.worst && formatDate(`${found.worst.date}T12:00:00`),
    },
  ];
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
      {figures.map(({ title, said, note }) => (
        <div key={title} className="max-sm:last:col-span-2">
          <dt className="text-[13px] text-quiet">{title}</dt>
          <dd className="font-semibold">{said}</dd>
          {note && <dd className="text-[13px] text-quiet">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

function Bars({ days }: { days: readonly DayResult[] }) {
  const { bars, zero, highest, lowest } = pictureOf(days);
  // A single day would be one huge block.
  const room = 100 / Math.max(days.length, 12);
  const first = days[0];
  return (
    <figure className="mt-4 grid grid-cols-[auto_1fr] gap-x-2">
      <div aria-hidden className="flex h-48 flex-col justify-between text-right text-xs text-quiet">
        <span className="num">{formatCompactMoney(highest)}</span>
        <span className="num">{lowest < 0 && formatCompactMoney(lowest)}</span>
      </div>
      <svg
        role="img"
        aria-label={`Result of each day, from ${formatMoney(lowest)} to ${formatMoney(highest)}. The table below has the figures.`}
        className="h-48 w-full overflow-visible"
      >
        <line
          x1="0"
          x2="100%"
          y1={`${zero}%`}
          y2={`${zero}%`}
          className="stroke-line"
          strokeWidth="1"
        />
        {bars.map(({ day, top, height }, index) => (
          <rect
            key={day.date}
            x={`${(index + 0.15) * room}%`}
            width={`${0.7 * room}%`}
            y={`${top}%`}
            height={`${Math.max(height, 0.5)}%`}
            className={
              day.result === null || day.result === 0
                ? "fill-line"
                : day.result > 0
                  ? "fill-gain"
                  : "fill-loss"
            }
            opacity={day.running ? 0.65 : 1}
          >
            <title>
              {`${formatDate(`${day.date}T12:00:00`)}: ${formatMoney(day.result, { signed: true })}`}
            </title>
          </rect>
        ))}
      </svg>
      <figcaption className="col-start-2 flex justify-between gap-3 pt-1 text-xs text-quiet">
        <span>{first && formatDate(`${first.date}T12:00:00`)}</span>
        {days.length > 1 && <span>today, so far</span>}
      </figcaption>
    </figure>
  );
}

const COLUMNS: readonly Column<DayResult>[] = [
  {
    id: "date",
    title: "Day",
    sortBy: (day) => day.date,
    cell: (day) => (
      <>
        {formatDate(`${day.date}T12:00:00`)} {day.running && <Badge tone="accent">so far</Badge>}
      </>
    ),
  },
  {
    id: "result",
    title: "Result",
    numeric: true,
    sortBy: (day) => day.result ?? 0,
    cell: (day) => <Money value={day.result} signed />,
  },
  {
    id: "realised",
    title: "Realised",
    numeric: true,
    cell: (day) => <Money value={day.row.realized_pnl} signed />,
  },
  {
    id: "positions",
    title: "Open positions",
    numeric: true,
    cell: (day) => <Money value={day.row.positions_unrealized} signed />,
  },
  {
    id: "holdings",
    title: "Holdings",
    numeric: true,
    cell: (day) => <Money value={day.row.holdings_unrealized} signed />,
  },
  {
    id: "value",
    title: "Account worth",
    numeric: true,
    sortBy: (day) => day.row.portfolio_value,
    cell: (day) => <Money value={day.row.portfolio_value} />,
  },
];
