import { expect, it } from "vitest";
import { grouped, indicesFirst, listedOr } from "./selection";

it("keeps to what is chosen while it is listed", () => {
  expect(listedOr("SBIN", ["NIFTY", "SBIN"], ["NIFTY"])).toBe("SBIN");
  expect(listedOr("GONE", ["ACC", "NIFTY"], ["NIFTY"])).toBe("NIFTY");
  expect(listedOr("GONE", ["ACC", "SBIN"])).toBe("ACC");
  expect(listedOr("GONE", [])).toBeUndefined();
});

it("offers indices first, in the order traders know", () => {
  const listed = ["ACC", "BANKNIFTY", "M&M", "NIFTY"];
  expect(grouped(listed)).toEqual({ indices: ["NIFTY", "BANKNIFTY"], others: ["ACC", "M&M"] });
  expect(indicesFirst(listed)).toEqual(["NIFTY", "BANKNIFTY", "ACC", "M&M"]);
});
