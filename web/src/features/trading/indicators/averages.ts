import type { Candle } from "../candles/candle";

/** One value for each candle; `null` before there are enough. */
export type Values = (number | null)[];

/** The mean of the last `length` values. */
export function sma(values: readonly number[], length: number): Values {
  let sum = 0;
  return values.map((value, at) => {
    sum += value;
    if (at >= length) sum -= values[at - length] ?? 0;
    return at >= length - 1 ? sum / length : null;
  });
}

/** Newer values weigh more. It begins with the mean of the first `length`. */
export function ema(values: readonly number[], length: number): Values {
  return smoothed(values, length, 2 / (length + 1));
}

/** As J. Welles Wilder smoothed: slower than the usual one of that length. */
export function wilder(values: readonly number[], length: number): Values {
  return smoothed(values, length, 1 / length);
}

function smoothed(values: readonly number[], length: number, weight: number): Values {
  let sum = 0;
  let average: number | null = null;
  return values.map((value, at) => {
    if (average !== null) average += (value - average) * weight;
    else {
      sum += value;
      if (at === length - 1) average = sum / length;
    }
    return average;
  });
}

/** The mean price of everything traded since the day began; `dayOf` tells the day of a candle. */
export function vwap(candles: readonly Candle[], dayOf: (candle: Candle) => number): Values {
  let day = Number.NaN;
  let money = 0;
  let volume = 0;
  return candles.map((candle) => {
    const today = dayOf(candle);
    if (today !== day) [day, money, volume] = [today, 0, 0];
    money += ((candle.high + candle.low + candle.close) / 3) * candle.volume;
    volume += candle.volume;
    return volume > 0 ? money / volume : null;
  });
}
