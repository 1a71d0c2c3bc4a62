import { expect, it } from "vitest";
import { bucketOf } from "./bucket";
import { intervalOf } from "./candle";
import { HOURS, OPEN } from "./testing";

const at = (name: string, seconds: number, hours = HOURS) => {
  const interval = intervalOf(name);
  if (interval === null) throw new Error(name);
  return bucketOf(seconds, interval, hours);
};
const utc = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day) / 1_000;

it("counts candles from the opening", () => {
  expect(at("5m", OPEN)).toBe(OPEN);
  expect(at("5m", OPEN + 299)).toBe(OPEN);
  expect(at("5m", OPEN + 300.5)).toBe(OPEN + 300);
  expect(at("1h", OPEN + 3_600)).toBe(OPEN + 3_600); // 10:15, not 10:00
});

it("knows no candle outside of the sessions, nor on a holiday", () => {
  expect(at("1m", OPEN - 1)).toBeNull();
  expect(at("1m", OPEN + 375 * 60)).toBeNull();
  expect(at("D", OPEN - 1)).toBeNull();
  expect(at("D", OPEN, { ...HOURS, sessions: [] })).toBeNull();
});

it("does not begin the first candle before the opening", () => {
  const evening = OPEN + 9 * 3_600; // 18:15, of a day that trades for an hour then
  const hours = { ...HOURS, sessions: [{ opens: evening - 900, closes: evening + 2_700 }] };
  expect(at("1h", evening - 60, hours)).toBe(evening - 900);
  expect(at("1h", evening + 60, hours)).toBe(evening);
});

it("names days and longer by their first date", () => {
  expect(at("D", OPEN)).toBe(utc(2025, 11, 21));
  expect(at("W", OPEN)).toBe(utc(2025, 11, 17)); // a Monday
  expect(at("M", OPEN)).toBe(utc(2025, 11, 1));
  expect(at("Q", OPEN)).toBe(utc(2025, 10, 1));
  expect(at("Y", OPEN)).toBe(utc(2025, 1, 1));
});

it("begins every week on a Monday", () => {
  for (let day = 0; day < 800; day += 1) {
    const date = new Date(Date.UTC(2025, 0, 1 + day));
    const hours = { ...HOURS, day: date.toISOString().slice(0, 10) };
    const monday = new Date((at("W", OPEN, hours) ?? 0) * 1_000);
    expect(monday.getUTCDay()).toBe(1);
    const behind = (date.getTime() - monday.getTime()) / 86_400_000;
    expect(behind >= 0 && behind < 7).toBe(true);
  }
});

it("reads intervals as the server writes them", () => {
  expect(intervalOf("15m")).toEqual({ name: "15m", unit: "m", seconds: 900 });
  expect(intervalOf("D")?.seconds).toBeNull();
  expect(intervalOf("M")?.unit).toBe("M");
  expect(intervalOf("abc")).toBeNull();
});
