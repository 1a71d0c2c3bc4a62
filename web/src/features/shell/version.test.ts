import { expect, it } from "vitest";
import { isNewer } from "./version";

it("is newer where the server begins with another script", () => {
  expect(isNewer("/assets/index-b.js", "/assets/index-a.js")).toBe(true);
  expect(isNewer("/assets/index-a.js", "/assets/index-a.js")).toBe(false);
});
it("says nothing while the server builds, and in development", () => {
  expect(isNewer(null, "/assets/index-a.js")).toBe(false);
  expect(isNewer("/assets/index-b.js", "/src/main.tsx")).toBe(false);
  expect(isNewer("/assets/index-b.js", null)).toBe(false);
});
