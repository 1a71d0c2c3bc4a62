import type { Candle } from "../candles/candle";
import { sma, type Values, wilder } from "./averages";

export interface Bands {
  upper: Values;
  middle: Values;
  lower: Values;
}

/** The mean of the last `length` closes, and `deviations` standard deviations around it. */
export function bollinger(closes: readonly number[], length: number, deviations: number): Bands {
  const middle = sma(closes, length);
  const spread = middle.map((mean, at) => {
    if (mean === null) return null;
    let squares = 0;
    for (let i = at - length + 1; i <= at; i += 1) squares += ((closes[i] ?? 0) - mean) ** 2;
    return deviations * Math.sqrt(squares / length);
  });
  const shifted = (sign: 1 | -1) =>
    middle.map((mean, at) => {
      const width = spread[at] ?? null;
      return mean === null || width === null ? null : mean + sign * width;
    });
  return { upper: shifted(1), middle, lower: shifted(-1) };
}

export interface Supertrend {
  /** Below the prices while the trend is up, above them while it is down. */
  line: Values;
  /** Whether the trend is up. */
  rising: boolean[];
}

/** A stop that follows the price at `factor` average true ranges, and changes sides when it is hit. */
export function supertrend(candles: readonly Candle[], length: number, factor: number): Supertrend {
  const ranges = wilder(trueRanges(candles), length);
  const found: Supertrend = { line: [], rising: [] };
  let [upper, lower, rising] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  candles.forEach((candle, at) => {
    const range = ranges[at] ?? null;
    if (range !== null) {
      const before = candles[at - 1]?.close ?? candle.close;
      const middle = (candle.high + candle.low) / 2;
      const [nextUpper, nextLower] = [middle + factor * range, middle - factor * range];
      upper = nextUpper < upper || before > upper ? nextUpper : upper;
      lower = nextLower > lower || before < lower ? nextLower : lower;
      if (candle.close > upper) rising = true;
      else if (candle.close < lower) rising = false;
    }
    found.line.push(range === null ? null : rising ? lower : upper);
    found.rising.push(rising);
  });
  return found;
}

/** How far each candle reached, with the gap to the one before it. */
function trueRanges(candles: readonly Candle[]): number[] {
  return candles.map(({ high, low }, at) => {
    const before = candles[at - 1]?.close;
    if (before === undefined) return high - low;
    return Math.max(high, before) - Math.min(low, before);
  });
}
