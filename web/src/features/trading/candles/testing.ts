import type { Tick } from "@/live";
import type { Hours } from "./bucket";
import type { Candle } from "./candle";

/** 21 November 2025, 09:15 in India. */
export const OPEN = Date.UTC(2025, 10, 21, 3, 45) / 1_000;
export const HOURS: Hours = {
  day: "2025-11-21",
  sessions: [{ opens: OPEN, closes: OPEN + 375 * 60 }],
  counted_from: OPEN,
};

/** Numbers in [0, 1) that look like chance and are the same in every run. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A trade `seconds` after the opening, with the day's volume until then. */
export function trade(seconds: number, ltp: number, volume?: number): Tick {
  const at = (OPEN + seconds) * 1_000;
  const total = volume === undefined ? {} : { volume };
  return { symbol: "SBIN", exchange: "NSE", ltp, ltt: at, timestamp: at + 40, ...total };
}

/** Trades of a day whose price wanders and whose volume grows. */
export function tradesOf(seed: number, count: number): Tick[] {
  const next = chance(seed);
  let [at, price, volume] = [0, 800, 0];
  return Array.from({ length: count }, () => {
    at += next() * 90;
    price = Math.max(1, Math.round((price + (next() - 0.5) * 4) * 20) / 20);
    volume += Math.floor(next() * 500);
    return trade(at, price, volume);
  }).filter(({ ltt = 0 }) => ltt / 1_000 < OPEN + 375 * 60);
}

export function candle(time: number, close: number, rest: Partial<Candle> = {}): Candle {
  return { time, open: close, high: close, low: close, close, volume: 0, ...rest };
}
