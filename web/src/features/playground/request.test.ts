import { expect, it } from "vitest";
import type { Operation } from "./document";
import { addressOf, asCurl, asSdk, formatted, problemOf, type Wanted } from "./request";

const ORIGIN = "http://127.0.0.1:5000";
const operation: Operation = {
  id: "placeorder",
  method: "POST",
  path: "/api/v1/placeorder",
  tag: "Orders",
  title: "Place an order",
  description: "",
  examples: [],
  fields: [],
  parameters: [],
  trades: true,
};
const order: Wanted = {
  operation,
  body: '{"symbol": "M&M", "pricetype": "MARKET", "flag": true, "none": null, "n": [1, {"a": "b"}]}',
  parameters: {},
};
const ticker: Wanted = {
  operation: {
    ...operation,
    id: "ticker",
    method: "GET",
    path: "/api/v1/ticker/{symbol}",
    parameters: ["symbol", "interval", "format"].map((name) => ({
      name,
      place: name === "symbol" ? "path" : "query",
      kind: "text",
      required: false,
      description: "",
      first: "",
    })),
  },
  body: "",
  parameters: { symbol: "NSE:SBIN", interval: "D", format: " " },
};

it("says what is wrong with a body before it is sent", () => {
  expect(problemOf('{"a": 1}')).toBeNull();
  expect(problemOf('{"a": 1,}')).toMatch(/./);
  expect(problemOf("[1]")).toContain("object");
});

it("puts parameters where they belong, and leaves out empty ones", () => {
  expect(addressOf(ticker)).toBe("/api/v1/ticker/NSE%3ASBIN?interval=D");
});

it("writes a command that holds no key", () => {
  const text = asCurl(ORIGIN, { ...order, body: `{"strategy": "it's"}` });
  expect(text).toContain('"X-API-KEY: $OPENALGO_API_KEY"');
  expect(text).toContain(`-d '{"strategy": "it'\\''s"}'`);
  expect(asCurl(ORIGIN, ticker)).not.toContain("-d");
});

it("writes the call of the SDK in its own names", () => {
  const text = asSdk(ORIGIN, order) ?? "";
  expect(text).toContain("client.placeorder(\n");
  expect(text).toContain('price_type="MARKET",');
  expect(text).toContain("flag=True,");
  expect(text).toContain("none=None,");
  expect(text).toContain('n=[1, {"a": "b"}],');
  expect(asSdk(ORIGIN, ticker)).toBeNull();
  expect(asSdk(ORIGIN, { ...order, body: "{" })).toBeNull();
});

it("shows JSON with line breaks, and anything else as it is", () => {
  expect(formatted('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(formatted("NSE:SBIN,812.5")).toBe("NSE:SBIN,812.5");
});
