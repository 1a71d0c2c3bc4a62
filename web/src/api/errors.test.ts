import { expect, it } from "vitest";
import { ApiError, isUnknown, undone } from "./errors";

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

it("says that nothing was done only where that is sure", () => {
  expect(undone(refused(400, "order_not_working"), "cancelled")).toBe("not cancelled");
  expect(undone(refused(504, "order_outcome_unknown"), "cancelled")).toBe(
    "nobody knows whether it was cancelled",
  );
});
