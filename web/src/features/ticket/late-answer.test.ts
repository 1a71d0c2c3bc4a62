import { expect, it } from "vitest";
import { lateAnswer } from "./late-answer";

it("knows the order once the broker's book has it", () => {
  expect(lateAnswer({ state: "accepted", orderid: "77", message: "Found" })).toEqual({ id: "77" });
});

it("knows that nothing was placed, and why", () => {
  for (const state of ["rejected", "not_sent"]) {
    const message = "Insufficient funds";
    expect(lateAnswer({ state, orderid: null, message })).toEqual({ error: new Error(message) });
  }
});

it("knows nothing as long as the server does not", () => {
  expect(lateAnswer({ state: "unknown", orderid: null, message: "No answer" })).toBeNull();
});
