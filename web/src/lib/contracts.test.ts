import { expect, it } from "vitest";
import { contractOf, expiryOrder } from "./contracts";

it.each([
  ["NIFTY28MAR2420800CE", "NFO", "NIFTY", "28MAR24"],
  ["VEDL25APR24292.5PE", "NFO", "VEDL", "25APR24"],
  ["M&M25APR24FUT", "NFO", "M&M", "25APR24"],
  ["BAJAJ-AUTO25APR249000CE", "NFO", "BAJAJ-AUTO", "25APR24"],
  ["726GS203325APR24FUT", "CDS", "726GS2033", "25APR24"],
  ["360ONE25APR24FUT", "NFO", "360ONE", "25APR24"],
  ["SBIN", "NSE", "SBIN", null],
  ["BTCUSDFUT", "CRYPTO", "BTCUSDFUT", null],
])("reads %s", (symbol, exchange, underlying, expiry) => {
  expect(contractOf(symbol, exchange)).toEqual({ underlying, expiry });
});

it("puts expiries in the order of time", () => {
  const expiries = ["02JAN25", "28MAR24", "04APR24", "30DEC24"];
  expect([...expiries].sort((a, b) => (expiryOrder(a) < expiryOrder(b) ? -1 : 1))).toEqual([
    "28MAR24",
    "04APR24",
    "30DEC24",
    "02JAN25",
  ]);
});
