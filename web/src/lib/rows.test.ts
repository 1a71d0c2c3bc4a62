import { expect, it } from "vitest";
import { groupsOf, mentions, sumOf, valuesOf } from "./rows";

it("adds numbers, and texts that are numbers, as numbers", () => {
  expect(sumOf([{ value: 1.5 }, { value: "2.5" }], (row) => row.value)).toBe(4);
  expect(sumOf([], () => 1)).toBe(0);
});

it.each([[null], [undefined], [""], ["n/a"], [Number.NaN]])(
  "does not know a sum of which %s is a part",
  (value) => expect(sumOf([1, value, 3], (each) => each)).toBeNull(),
);

it("finds rows by all words, in any case and place", () => {
  expect(mentions("nif ce", ["NIFTY28MAR2420800CE", "NFO"])).toBe(true);
  expect(mentions("nfo nifty", ["NIFTY28MAR2420800CE", "NFO"])).toBe(true);
  expect(mentions("nifty pe", ["NIFTY28MAR2420800CE", "NFO"])).toBe(false);
  expect(mentions("  ", ["SBIN", undefined])).toBe(true);
});

it("keeps a chosen value that no row has any more", () => {
  expect(valuesOf(["NSE", "BSE", "NSE"], (each) => each, "NFO")).toEqual(["BSE", "NFO", "NSE"]);
});

it("groups rows without changing their order", () => {
  const groups = groupsOf(["b1", "a1", "b2"], (each) => each.charAt(0));
  expect([...groups]).toEqual([
    ["b", ["b1", "b2"]],
    ["a", ["a1"]],
  ]);
});
