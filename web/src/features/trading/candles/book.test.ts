import { expect, it, vi } from "vitest";
import type { Tick } from "@/live";
import { CandleBook } from "./book";
import { type Candle, type Interval, intervalOf } from "./candle";
import { candle, HOURS, OPEN, trade, tradesOf } from "./testing";

function interval(name: string): Interval {
  const found = intervalOf(name);
  if (found === null) throw new Error(name);
  return found;
}

function bookOf(name: string, ticks: readonly Tick[], history: readonly Candle[] = []): CandleBook {
  const book = new CandleBook(interval(name));
  book.load(history);
  for (const tick of ticks) book.take(tick, HOURS);
  return book;
}

/** `minutes` as candles of `length` minutes. */
function aggregated(minutes: readonly Candle[], length: number): Candle[] {
  const groups = new Map<number, Candle[]>();
  for (const each of minutes) {
    const time = OPEN + Math.floor((each.time - OPEN) / (60 * length)) * 60 * length;
    groups.set(time, [...(groups.get(time) ?? []), each]);
  }
  return [...groups].map(([time, parts]) => ({
    time,
    open: parts[0]?.open ?? 0,
    high: Math.max(...parts.map(({ high }) => high)),
    low: Math.min(...parts.map(({ low }) => low)),
    close: parts.at(-1)?.close ?? 0,
    volume: parts.reduce((sum, { volume }) => sum + volume, 0),
  }));
}

it("makes the same of ticks as of the minutes made of them", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const ticks = tradesOf(seed, 250);
    const minutes = bookOf("1m", ticks).candles;
    for (const length of [3, 5, 15, 30]) {
      expect(bookOf(`${length}m`, ticks).candles).toEqual(aggregated(minutes, length));
    }
  }
});

it("goes on where history ends, wherever the two meet", () => {
  const ticks = tradesOf(7, 250);
  const whole = bookOf("5m", ticks).candles;
  for (let cut = 1; cut < ticks.length; cut += 11) {
    const history = bookOf("5m", ticks.slice(0, cut)).candles;
    // The last tick of history comes again: feeds begin with a snapshot.
    expect(bookOf("5m", ticks.slice(cut - 1), history).candles).toEqual(whole);
  }
});

it("counts all that was traded, once", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const ticks = tradesOf(seed, 200);
    const sum = bookOf("1m", ticks).candles.reduce((all, { volume }) => all + volume, 0);
    expect(sum).toBe(ticks.at(-1)?.volume);
  }
});

it("does not begin before the server has told what there was", () => {
  const book = new CandleBook(interval("5m"));
  book.take(trade(400, 800, 90_000), HOURS);
  book.load([candle(OPEN, 799, { volume: 80_000 })]);
  book.take(trade(410, 801, 90_010), HOURS);
  expect(book.candles.at(-1)).toEqual(candle(OPEN + 300, 801, { volume: 0 }));
});

it("makes nothing of ticks before the opening and after the close", () => {
  const book = bookOf("1m", [trade(-60, 800, 0), trade(375 * 60, 801, 10)]);
  expect(book.candles).toEqual([]);
});

it("does not take a quote without a trade for a candle", () => {
  const history = [candle(OPEN, 800, { volume: 10 })];
  const quote = { ...trade(120, 800, 10) };
  delete quote.ltt;
  const book = bookOf("1m", [trade(10, 800, 10), quote], history);
  expect(book.candles).toHaveLength(1);
  book.take({ ...quote, volume: 12 }, HOURS);
  expect(book.candles.at(-1)).toEqual(candle(OPEN + 120, 800, { volume: 2 }));
});

it("has candles of an index, which has no volume", () => {
  const book = bookOf("1m", [trade(1, 24_500), trade(61, 24_501)]);
  expect(book.candles.map(({ close, volume }) => [close, volume])).toEqual([
    [24_500, 0],
    [24_501, 0],
  ]);
});

it("leaves finished candles alone when a trade comes late", () => {
  const book = bookOf("1m", [trade(1, 800, 5), trade(61, 801, 9), trade(2, 700, 9)]);
  expect(book.candles.map(({ low }) => low)).toEqual([800, 801]);
});

it("does not add the volume of yesterday to today's day", () => {
  const yesterday = candle(Date.UTC(2025, 10, 20) / 1_000, 790, { volume: 9_000 });
  const day = { ...trade(60, 801, 500), open: 799, high: 803, low: 798 };
  const book = bookOf("D", [day, { ...day, ltp: 802, volume: 650 }], [yesterday]);
  expect(book.candles).toEqual([
    yesterday,
    {
      time: Date.UTC(2025, 10, 21) / 1_000,
      open: 799,
      high: 803,
      low: 798,
      close: 802,
      volume: 650,
    },
  ]);
});

it("adds today to the week that has begun", () => {
  const week = candle(Date.UTC(2025, 10, 17) / 1_000, 790, { volume: 9_000 });
  const book = bookOf("W", [trade(60, 801, 500), trade(61, 802, 540)], [week]);
  expect(book.candles).toEqual([{ ...week, high: 802, close: 802, volume: 9_040 }]);
  const next = { ...HOURS, day: "2025-11-24", sessions: [{ opens: 0, closes: 2e9 }] };
  book.take(trade(3 * 86_400, 805, 70), next);
  expect(book.candles.at(-1)?.volume).toBe(70);
});

it("believes the server after a gap, but keeps what is newer", () => {
  const book = bookOf("1m", [trade(1, 800, 5), trade(61, 801, 9), trade(121, 806, 11)]);
  const told = [
    candle(OPEN, 800.5, { volume: 8 }),
    candle(OPEN + 60, 801, { high: 809, volume: 20 }),
  ];
  const heard = vi.fn();
  book.listen(heard);
  book.load(told);
  expect(heard).toHaveBeenCalledExactlyOnceWith("all");
  expect(book.candles).toEqual([...told, candle(OPEN + 120, 806, { volume: 2 })]);
  book.take(trade(130, 807, 40), HOURS); // what was traded meanwhile is in the server's candles
  expect(book.candles.at(-1)?.volume).toBe(2);
});

it("puts older candles before, without doubles", () => {
  const book = bookOf("1m", [], [candle(OPEN + 60, 2), candle(OPEN + 120, 3)]);
  book.loadOlder([candle(OPEN, 1), candle(OPEN + 60, 9)]);
  expect(book.candles.map(({ close }) => close)).toEqual([1, 2, 3]);
});
