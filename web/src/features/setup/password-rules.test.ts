import { expect, it } from "vitest";
import { passwordRules, strengthOf } from "./password-rules";

it("names what is missing", () => {
  const missing = passwordRules("abc1")
    .filter((rule) => !rule.kept)
    .map((rule) => rule.text);
  expect(missing).toEqual([
    "8 to 128 characters",
    "upper and lower case",
    "one of ! @ # $ % ^ & *",
  ]);
});

it.each([
  ["short1!", 0],
  ["Aaaaaa1!", 1],
  ["Monsoon7!", 2],
  ["Monsoon-Kite7!", 3],
  ["quiet-Lantern-73-orbit!", 4],
] as const)("rates %s with %i", (password, strength) => {
  expect(strengthOf(password)).toBe(strength);
});
