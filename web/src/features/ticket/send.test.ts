import { expect, it } from "vitest";
import { ApiError } from "@/api/errors";
import { freshId, isUnknown } from "./send";

const refused = (status: number, code: string) => new ApiError("no", status, code, null);

it("is sure of what the server refused", () => {
  for (const [status, code] of [
    [400, "insufficient_funds"],
    [401, "session_expired"],
    [403, "blocked_in_semi_auto"],
    [429, "rate_limited"],
    [503, "engine_busy"],
  ] as const) {
    expect(isUnknown(refused(status, code)), code).toBe(false);
  }
  expect(isUnknown(new Error("You are offline. Nothing was sent."))).toBe(false);
  expect(isUnknown(null)).toBe(false);
});

it("is unsure where no answer came, or not that of the server", () => {
  for (const [status, code] of [
    [0, "unreachable"],
    [502, "http_502"],
    [504, "order_outcome_unknown"],
    [500, "internal_error"],
  ] as const) {
    expect(isUnknown(refused(status, code)), code).toBe(true);
  }
});

it("names no two orders alike", () => {
  const ids = new Set(Array.from({ length: 1000 }, freshId));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^web-[0-9a-f]{24}$/);
});
