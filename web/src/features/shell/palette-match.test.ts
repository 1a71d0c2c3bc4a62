import { expect, it } from "vitest";
import { matches } from "./palette-match";

const PAGE = { title: "Sandbox", words: "capital leverage reset" };

it("finds by parts of any words, in any order", () => {
  for (const text of ["", "sand", "LEVER", "reset sandbox", " capital "]) {
    expect(matches(text, PAGE), text).toBe(true);
  }
});
it("wants all the words", () => {
  expect(matches("sandbox orders", PAGE)).toBe(false);
});
