import { expect, it } from "vitest";
import {
  added,
  inList,
  moved,
  nameProblem,
  removed,
  shownList,
  WATCH_LISTS,
  type WatchLists,
  withList,
  withName,
  withoutList,
} from "./watch-list";

const sbin = { exchange: "NSE", symbol: "SBIN" };
const infy = { exchange: "NSE", symbol: "INFY" };
const mm = { exchange: "BSE", symbol: "M&M" };
const two: WatchLists = {
  shown: "Banks",
  lists: [
    { name: "Banks", instruments: [sbin] },
    { name: "IT", instruments: [infy] },
  ],
};

it("begins with the indices, also where something unreadable is kept", () => {
  for (const kept of [undefined, null, "x", [], { lists: [] }, { lists: [{ name: 1 }] }]) {
    const { shown, lists } = WATCH_LISTS.read(kept);
    expect(lists.map((list) => list.name)).toEqual([shown]);
    expect(lists[0]?.instruments[0]).toEqual({ exchange: "NSE_INDEX", symbol: "NIFTY" });
  }
});

it("reads what it kept, and shows a list that is there", () => {
  expect(WATCH_LISTS.read(JSON.parse(JSON.stringify(two)))).toEqual(two);
  expect(WATCH_LISTS.read({ ...two, shown: "Gone" }).shown).toBe("Banks");
});

it("adds an instrument once, removes it, and moves it as far as there are places", () => {
  expect(added(added([sbin], mm), mm)).toEqual([sbin, mm]);
  expect(removed([sbin, mm], { ...sbin })).toEqual([mm]);
  expect(moved([sbin, infy, mm], mm, -1)).toEqual([sbin, mm, infy]);
  expect(moved([sbin, infy, mm], sbin, 1)).toEqual([infy, sbin, mm]);
  expect(moved([sbin, infy], sbin, -1)).toEqual([sbin, infy]);
  expect(moved([sbin, infy], infy, 1)).toEqual([sbin, infy]);
  expect(moved([sbin], mm, 1)).toEqual([sbin]);
});

it("changes one list and no other", () => {
  const changed = inList(two, "IT", (list) => added(list, mm));
  expect(changed.lists.map((list) => list.instruments)).toEqual([[sbin], [infy, mm]]);
  expect(inList(two, "Gone", () => [])).toEqual(two);
});

it("makes, renames and removes lists, and always keeps one", () => {
  const three = withList(two, " Gold ");
  expect(shownList(three)).toEqual({ name: "Gold", instruments: [] });
  const renamed = withName(three, "Gold", "Metals");
  expect([renamed.shown, renamed.lists[2]?.name]).toEqual(["Metals", "Metals"]);
  expect(withName(three, "Gold", "IT")).toEqual(three);
  const one = withoutList(withoutList(renamed, "Metals"), "Banks");
  expect([one.shown, one.lists.length]).toEqual(["IT", 1]);
  expect(withoutList(one, "IT")).toEqual(one);
});

it("says what is wrong with a name", () => {
  expect(nameProblem(two, " ")).toMatch(/name/);
  expect(nameProblem(two, "IT")).toMatch(/of this name/);
  expect(nameProblem(two, "IT", "IT")).toBeNull();
  expect(nameProblem(two, "x".repeat(41))).toMatch(/40/);
  expect(nameProblem(two, "x".repeat(40))).toBeNull();
});
