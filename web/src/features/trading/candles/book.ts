import type { Tick } from "@/live";
import { bucketOf, type Hours } from "./bucket";
import { type Candle, dayNumber, type Interval, sessionDay } from "./candle";

/** What has become different: everything, or no more than the last candle (or a new one after it). */
export type Change = "all" | "last";

/**
 * The candles of one instrument: those the server gave, and the last one going on with live prices.
 *
 * A tick tells the day's volume so far, so that a candle gets what it has grown by. After a gap the
 * server's candles have to be loaded again: they then count for what was missed.
 */
export class CandleBook {
  private list: Candle[] = [];
  private loaded = false;
  private counted: { day: number; volume: number } | null = null;
  private readonly listeners = new Set<(change: Change) => void>();

  constructor(readonly interval: Interval) {}

  get candles(): readonly Candle[] {
    return this.list;
  }

  listen(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The newest candles of the server, ascending. They hold where they overlap with what is here. */
  load(page: readonly Candle[]): void {
    this.loaded = true;
    const [first, last] = [page[0], page.at(-1)];
    if (first === undefined || last === undefined) return;
    const ours = this.list.find((candle) => candle.time === last.time);
    this.list = [
      ...this.list.filter((candle) => candle.time < first.time),
      ...page.slice(0, -1),
      ours === undefined ? last : together(last, ours),
      ...this.list.filter((candle) => candle.time > last.time),
    ];
    this.counted = null;
    this.tell("all");
  }

  /** Candles before those that are here. */
  loadOlder(page: readonly Candle[]): void {
    const first = this.list[0];
    const older = first === undefined ? page : page.filter((candle) => candle.time < first.time);
    if (older.length === 0) return;
    this.list = [...older, ...this.list];
    this.tell("all");
  }

  /**
   * Goes on with a live price. Nothing happens outside of `hours`, with what comes too late, and
   * before the server has told what there was.
   */
  take(tick: Tick, hours: Hours): void {
    if (!this.loaded) return;
    const at = (tick.ltt ?? tick.timestamp ?? Number.NaN) / 1_000;
    const time = bucketOf(at, this.interval, hours);
    if (tick.ltp === undefined || time === null) return;
    const last = this.list.at(-1);
    const isNew = last === undefined || time > last.time;
    const grown = this.grown(tick.volume, dayNumber(hours.day), isNew);
    if (last !== undefined && time < last.time) return;
    if (isNew) {
      // A mere quote is no trade, and makes no candle.
      if (tick.ltt === undefined && tick.volume !== undefined && grown === 0) return;
      const price = tick.ltp;
      const open = this.interval.unit === "D" ? (tick.open ?? price) : price;
      this.list.push({ time, open, high: price, low: price, close: price, volume: 0 });
    }
    this.goOn(tick, grown);
    this.tell("last");
  }

  private goOn(tick: Tick, grown: number): void {
    const before = this.list.at(-1);
    if (before === undefined || tick.ltp === undefined) return;
    // Of a day, the exchange itself knows the highest and lowest price.
    const whole = this.interval.seconds === null;
    const seen = whole ? [tick.ltp, tick.high, tick.low] : [tick.ltp];
    const prices = seen.filter((price) => price !== undefined && price > 0) as number[];
    this.list[this.list.length - 1] = {
      ...before,
      high: Math.max(before.high, ...prices),
      low: Math.min(before.low, ...prices),
      close: tick.ltp,
      volume: before.volume + grown,
    };
  }

  private grown(volume: number | undefined, day: number, isNew: boolean): number {
    if (volume === undefined) return 0;
    const before = this.counted;
    this.counted = { day, volume };
    if (before === null) return isNew && this.isFirstOf(day) ? volume : 0;
    return before.day === day ? Math.max(0, volume - before.volume) : volume;
  }

  private isFirstOf(day: number): boolean {
    const last = this.list.at(-1);
    if (last === undefined || this.interval.seconds === null) return true;
    return sessionDay(last.time) < day;
  }

  private tell(change: Change): void {
    for (const listener of this.listeners) listener(change);
  }
}

/** One candle as the server and as we saw it: both have only seen real trades. */
function together(told: Candle, seen: Candle): Candle {
  return {
    ...told,
    high: Math.max(told.high, seen.high),
    low: Math.min(told.low, seen.low),
    volume: Math.max(told.volume, seen.volume),
  };
}
