import { expect, it } from "vitest";
import { BAR, GROUPS, PAGES } from "./pages";
import { matches } from "./palette-match";

const found = (text: string) =>
  PAGES.filter((page) => matches(text, page)).map((page) => page.path);

it("finds pages by what people call them", () => {
  expect(found("kill switch")).toEqual(["/risk"]);
  expect(found("master contract")).toEqual(["/master-contract"]);
  expect(found("orders cancel")).toContain("/orderbook");
});

it("leaves room in the bar of a phone for the way to everything else", () => {
  expect(BAR.length).toBeLessThanOrEqual(4);
  expect(BAR[0]?.path).toBe("/dashboard");
});

it("puts every page into a group that is shown", () => {
  expect(PAGES.filter((page) => !GROUPS.includes(page.group))).toEqual([]);
});
