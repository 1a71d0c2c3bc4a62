import type { DailyRow, ProfitSummary } from "@/client";

/** What a day is judged by: what was realised, or how the account's value moved. */
export type Measure = "realised" | "value";

export interface DayResult {
  date: string;
  /** Rupees; `null` where the day before is not known. */
  result: number | null;
  row: DailyRow;
  /** The day is not over yet. */
  running: boolean;
}

export interface Statistics {
  total: number;
  days: number;
  winning: number;
  losing: number;
  /** Share of winning days among those that won or lost, in percent. */
  winRate: number | null;
  /** What winning days made for each rupee that losing days lost; `null` without a losing day. */
  profitFactor: number | null;
  best: DayResult | null;
  worst: DayResult | null;
}

/** The stored days and the one that runs, oldest first. */
export function daysOf(
  stored: readonly DailyRow[],
  summary: ProfitSummary,
  today: string,
  measure: Measure,
): DayResult[] {
  const running: DailyRow = {
    date: today,
    realized_pnl: summary.today_realized_pnl,
    positions_unrealized: summary.positions_unrealized_pnl,
    holdings_unrealized: summary.holdings_unrealized_pnl,
    total_unrealized: summary.total_unrealized_pnl,
    total_mtm: summary.today_total_mtm,
    portfolio_value: summary.total_capital + summary.total_pnl,
  };
  const past = stored.filter((row) => row.date < today);
  const rows = [...past, running].sort((one, other) => one.date.localeCompare(other.date));
  return rows.map((row, index) => {
    const before = rows[index - 1];
    const moved = before ? row.portfolio_value - before.portfolio_value : null;
    return {
      date: row.date,
      row,
      running: row === running,
      result: measure === "realised" ? row.realized_pnl : moved,
    };
  });
}

export function statisticsOf(days: readonly DayResult[]): Statistics {
  const known = days.filter((day): day is DayResult & { result: number } => day.result !== null);
  const won = known.filter((day) => day.result > 0);
  const lost = known.filter((day) => day.result < 0);
  const made = sum(won.map((day) => day.result));
  const given = -sum(lost.map((day) => day.result));
  const sorted = [...won, ...lost].sort((one, other) => other.result - one.result);
  return {
    total: sum(known.map((day) => day.result)),
    days: known.length,
    winning: won.length,
    losing: lost.length,
    winRate: sorted.length === 0 ? null : (won.length / sorted.length) * 100,
    profitFactor: given === 0 ? null : made / given,
    best: won.length > 0 ? (sorted[0] ?? null) : null,
    worst: lost.length > 0 ? (sorted.at(-1) ?? null) : null,
  };
}

export interface Bar {
  day: DayResult;
  /** Of the height of the picture, in percent from its top. */
  top: number;
  height: number;
}

export interface Picture {
  bars: Bar[];
  /** Where zero is, in percent from the top. */
  zero: number;
  highest: number;
  lowest: number;
}

/** Bars that fill the picture, from zero up or down. */
export function pictureOf(days: readonly DayResult[]): Picture {
  const values = days.map((day) => day.result ?? 0);
  const highest = Math.max(0, ...values);
  const lowest = Math.min(0, ...values);
  const span = highest - lowest || 1;
  const zero = (highest / span) * 100;
  return {
    highest,
    lowest,
    zero,
    bars: days.map((day) => {
      const height = (Math.abs(day.result ?? 0) / span) * 100;
      return { day, height, top: (day.result ?? 0) > 0 ? zero - height : zero };
    }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((before, value) => before + value, 0);
}
