import { expect, it, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { type Outcome, oneByOne } from "./bulk";

vi.mock("@/api", async () => await import("@/api/errors"));

const ITEMS = ["a", "b", "c"].map((key) => ({ key, title: key.toUpperCase() }));
const refusal = (code: string, status = 400, reply = {}) =>
  new ApiError(`refused: ${code}`, status, code, null, {}, reply);

async function run(act: (key: string) => Promise<string>) {
  const outcomes: Outcome[] = [];
  const pauses: number[] = [];
  await oneByOne(
    ITEMS,
    ({ key }) => act(key),
    (outcome) => outcomes.push(outcome),
    async (milliseconds) => void pauses.push(milliseconds),
  );
  return { outcomes, pauses };
}

it("goes on after one that failed, and says why it did", async () => {
  const { outcomes } = await run(async (key) => {
    if (key === "b") throw refusal("order_not_working");
    return "done";
  });
  expect(outcomes.map(({ key, good, text }) => [key, good, text])).toEqual([
    ["a", true, "done"],
    ["b", false, "refused: order_not_working"],
    ["c", true, "done"],
  ]);
});

it("waits as long as it is told where it was too soon", async () => {
  let asked = 0;
  const { outcomes, pauses } = await run(async () => {
    asked += 1;
    if (asked === 2) throw refusal("rate_limited", 429, { retry_after: 3 });
    return "done";
  });
  expect(pauses).toEqual([3000]);
  expect(outcomes.every(({ good }) => good)).toBe(true);
});

it("gives up on what is always too soon", async () => {
  const { outcomes, pauses } = await run(async (key) => {
    if (key === "a") throw refusal("rate_limited", 429, { retry_after: 1 });
    return "done";
  });
  expect(pauses.length).toBe(9);
  expect(outcomes.map(({ good }) => good)).toEqual([false, true, true]);
});

it.each([
  ["session_expired", 401],
  ["unreachable", 0],
])("asks for nothing more after %s", async (code, status) => {
  const act = vi.fn(async () => {
    throw refusal(code, status);
  });
  const { outcomes } = await run(act);
  expect(act).toHaveBeenCalledTimes(1);
  expect(outcomes.map(({ good }) => good)).toEqual([false, false, false]);
});
