import type { Operation } from "./document";

/** A request as it would be sent; its key is kept apart, and travels in a header. */
export interface Wanted {
  operation: Operation;
  body: string;
  parameters: Readonly<Record<string, string>>;
}

export interface Answer {
  status: number;
  statusText: string;
  /** Until the last byte. */
  milliseconds: number;
  bytes: number;
  headers: readonly (readonly [string, string])[];
  text: string;
}

export const KEY_HEADER = "X-API-KEY";
const INDENT = 2;

/** What is wrong with the JSON, in the parser's words; `null` where nothing is. */
export function problemOf(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? null : "The body has to be an object: { … }";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Path and query, with the parameters in their places. */
export function addressOf({ operation, parameters }: Wanted): string {
  let path = operation.path;
  const query = new URLSearchParams();
  for (const { name, place } of operation.parameters) {
    const value = parameters[name]?.trim() ?? "";
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value !== "") query.set(name, value);
  }
  return query.size > 0 ? `${path}?${query}` : path;
}

/** JSON with line breaks; anything else as it came. */
export function formatted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, INDENT);
  } catch {
    return text;
  }
}

/** For a terminal. The key comes from its environment, so that no history of commands holds it. */
export function asCurl(origin: string, wanted: Wanted): string {
  const { operation, body } = wanted;
  const lines = [`curl '${quoted(origin + addressOf(wanted))}'`];
  if (operation.method !== "GET") lines[0] += ` -X ${operation.method}`;
  lines.push(`-H "${KEY_HEADER}: $OPENALGO_API_KEY"`);
  if (operation.method !== "GET") {
    lines.push("-H 'Content-Type: application/json'", `-d '${quoted(body)}'`);
  }
  return lines.join(" \\\n  ");
}

/** What the SDK calls it, and how its arguments are named where they differ. */
const SDK: Readonly<Record<string, string>> = {
  placeorder: "placeorder",
  placesmartorder: "placesmartorder",
  modifyorder: "modifyorder",
  cancelorder: "cancelorder",
  cancelallorder: "cancelallorder",
  closeposition: "closeposition",
  orderstatus: "orderstatus",
  basketorder: "basketorder",
  splitorder: "splitorder",
  optionsorder: "optionsorder",
  optionsmultiorder: "optionsmultiorder",
  orderbook: "orderbook",
  tradebook: "tradebook",
  positionbook: "positionbook",
  holdings: "holdings",
  funds: "funds",
  openposition: "openposition",
  quotes: "quotes",
  multiquotes: "multiquotes",
  depth: "depth",
  optionsymbol: "optionsymbol",
  optionchain: "optionchain",
  syntheticfuture: "syntheticfuture",
  optiongreeks: "optiongreeks",
  margin: "margin",
  history: "history",
  intervals: "intervals",
  symbol: "symbol",
  search: "search",
  expiry: "expiry",
  market_holidays: "holidays",
  market_timings: "timings",
  analyzer: "analyzerstatus",
  analyzer_toggle: "analyzertoggle",
};
const RENAMED: Readonly<Record<string, string>> = { pricetype: "price_type", orderid: "order_id" };

/** A call of the Python SDK; `null` where it has none, or the body cannot be read. */
export function asSdk(origin: string, { operation, body }: Wanted): string | null {
  const method = SDK[operation.id];
  if (method === undefined || problemOf(body) !== null) return null;
  const values = Object.entries(JSON.parse(body) as Record<string, unknown>).map(
    ([name, value]) => `    ${RENAMED[name] ?? name}=${python(value)},`,
  );
  const call =
    values.length === 0 ? `client.${method}()` : `client.${method}(\n${values.join("\n")}\n)`;
  return [
    "import os",
    "from openalgo import api",
    "",
    `client = api(api_key=os.environ["OPENALGO_API_KEY"], host=${python(origin)})`,
    `print(${call})`,
  ].join("\n");
}

function python(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") {
    const pairs = Object.entries(value).map(([name, each]) => `"${name}": ${python(each)}`);
    return `{${pairs.join(", ")}}`;
  }
  return JSON.stringify(value);
}

function quoted(text: string): string {
  return text.replaceAll("'", `'\\''`);
}
