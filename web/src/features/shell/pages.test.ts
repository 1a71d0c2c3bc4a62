import { expect, it } from "vitest";
import { BAR, PAGES, pagesLike } from "./pages";

it("finds pages by what people call them", () => {
  expect(pagesLike("kill").map((page) => page.path)).toEqual(["/risk"]);
  expect(pagesLike("Master contract").map((page) => page.path)).toEqual(["/master-contract"]);
  expect(pagesLike("orders cancel").map((page) => page.path)).toContain("/orderbook");
  expect(pagesLike("")).toEqual(PAGES);
  expect(pagesLike("no such page")).toEqual([]);
});

it("leaves room in the bar for the way to everything else", () => {
  expect(BAR.length).toBeLessThanOrEqual(4);
  expect(BAR[0]?.path).toBe("/dashboard");
});
