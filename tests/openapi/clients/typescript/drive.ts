// What a user of the generated client writes; the types are half of the test.
import { createClient } from "./client/client/index.js";
import { expiry, funds, optionchain, orderbook, placeorder, quotes } from "./client/index.js";
import type { ChainLegRow, ErrorReply, OptionChainRequest, OrderRow, PlaceOrderRequest } from "./client/index.js";

const [baseUrl, key] = process.argv.slice(2);
if (!baseUrl || !key) throw new Error("usage: drive <url> <key>");
const client = createClient({
  baseUrl,
  auth: (scheme) => (scheme.name === "X-API-KEY" ? key : undefined),
});

const order: PlaceOrderRequest = {
  strategy: "typescript",
  symbol: "SBIN",
  exchange: "NSE",
  action: "BUY",
  quantity: 2,
  pricetype: "MARKET",
  product: "MIS",
};
const placed = await placeorder({ client, body: order, throwOnError: true });
if (!("orderid" in placed.data)) throw new Error("not placed but queued");
const orderid: string = placed.data.orderid;

const books = await orderbook({ client, body: {}, throwOnError: true });
const rows: OrderRow[] = books.data.data.orders;
const row = rows.find((each) => each.orderid === orderid);

const money = await funds({ client, body: {}, throwOnError: true });
const quote = await quotes({
  client,
  body: { symbol: "SBIN", exchange: "NSE" },
  throwOnError: true,
});
const ltp: number = quote.data.data.ltp;

const listed = await expiry({
  client,
  body: { symbol: "NIFTY", exchange: "NFO", instrumenttype: "options" },
  throwOnError: true,
});
const wanted: OptionChainRequest = {
  underlying: "NIFTY",
  exchange: "NSE_INDEX",
  expiry_date: listed.data.data[0]?.replaceAll("-", ""),
  strike_count: 1,
  with_greeks: true,
};
const chain = await optionchain({ client, body: wanted, throwOnError: true });
const call: ChainLegRow | null | undefined = chain.data.chain[1]?.ce;
const missing = await optionchain({ client, body: { ...wanted, underlying: "NOSUCH" } });
const unknown: ErrorReply | undefined = missing.error;

const refused = await placeorder({ client, body: { ...order, quantity: -1 } });
const error: ErrorReply | undefined = refused.error;

console.log(
  JSON.stringify({
    orderid,
    status: placed.data.status,
    quantity: row?.quantity,
    order_status: row?.order_status,
    cash: money.data.data.availablecash,
    ltp,
    chain: { label: call?.label, delta: call?.delta, missing: unknown?.code },
    refused: { status: refused.response?.status, code: error?.code, errors: error?.errors },
  }),
);
