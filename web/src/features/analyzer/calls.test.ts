import { expect, it } from "vitest";
import type { CallRow } from "@/client";
import { EVERYTHING, passes, valuesIn } from "./calls";

const row = (part: Partial<CallRow>): CallRow => ({
  timestamp: "2026-03-02 10:30:00",
  api_type: "placeorder",
  source: "Python",
  request_id: "0f3a",
  request_data: {},
  response_data: {},
  analysis: { issues: false, error: null, error_type: null, warnings: [] },
  symbol: "SBIN",
  orderid: 26112200000001,
  ...part,
});
const refused = row({
  source: "web",
  api_type: "basketorder",
  analysis: { issues: true, error: "Not enough margin", error_type: "other", warnings: [] },
});

it("shows everything at first", () => {
  expect([row({}), refused].every((each) => passes(each, EVERYTHING))).toBe(true);
});

it("filters by outcome, call, source and text together", () => {
  const shown = (part: object) =>
    [row({}), refused].filter((each) => passes(each, { ...EVERYTHING, ...part }));
  expect(shown({ outcome: "refused" })).toEqual([refused]);
  expect(shown({ outcome: "accepted", source: "web" })).toEqual([]);
  expect(shown({ call: "placeorder" })).toHaveLength(1);
  expect(shown({ text: "sbi" })).toHaveLength(2);
  expect(shown({ text: "MARGIN" })).toEqual([refused]);
  expect(shown({ text: "2611220000" })).toHaveLength(2);
});

it("offers what there is", () => {
  expect(valuesIn([row({}), refused, row({})], "source")).toEqual(["Python", "web"]);
});
