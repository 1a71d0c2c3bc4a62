import type { Candle } from "./candle";

/** Averaged candles: easier to see a trend in, but their prices were never traded. */
export function heikinAshi(candles: readonly Candle[]): Candle[] {
  const averaged: Candle[] = [];
  for (const candle of candles) {
    const before = averaged.at(-1);
    const close = (candle.open + candle.high + candle.low + candle.close) / 4;
    const open = before ? (before.open + before.close) / 2 : (candle.open + candle.close) / 2;
    averaged.push({
      ...candle,
      open,
      close,
      high: Math.max(candle.high, open, close),
      low: Math.min(candle.low, open, close),
    });
  }
  return averaged;
}
