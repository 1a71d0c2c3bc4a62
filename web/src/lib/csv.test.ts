import { expect, it } from "vitest";
import { toCsv } from "./csv";

it("quotes what would break the columns", () => {
  expect(
    toCsv([
      ["a,b", 'say "hi"', "two\nlines"],
      ["x", 1.5, null],
    ]),
  ).toBe('"a,b","say ""hi""","two\nlines"\r\nx,1.5,');
});

it("disarms texts that a spreadsheet would run, and leaves numbers alone", () => {
  expect(toCsv([["=1+1", "@x", -5]])).toBe("'=1+1,'@x,-5");
});
