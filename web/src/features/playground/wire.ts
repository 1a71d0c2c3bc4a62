/** Requests as programs send them: with a key, without the session of this browser. */

import { ApiError } from "@/api";
import { type Group, groupsOf } from "./document";
import { type Answer, addressOf, KEY_HEADER, type Wanted } from "./request";

const DOCUMENT = "/api/v1/openapi.json";
const MODE = "/api/v1/analyzer";

const asProgram: RequestInit = { credentials: "omit", cache: "no-store" };

export async function operations(signal: AbortSignal): Promise<Group[]> {
  const reply = await ask(DOCUMENT, { ...asProgram, signal });
  if (!reply.ok) {
    throw new ApiError("The API's document was not served", reply.status, "no_document", null);
  }
  return groupsOf(await reply.json());
}

export async function send(wanted: Wanted, key: string, signal: AbortSignal): Promise<Answer> {
  const { operation, body } = wanted;
  const began = performance.now();
  const reply = await ask(addressOf(wanted), {
    ...asProgram,
    method: operation.method,
    headers: {
      Accept: "application/json",
      ...(key === "" ? {} : { [KEY_HEADER]: key }),
      ...(operation.method === "GET" ? {} : { "Content-Type": "application/json" }),
    },
    ...(operation.method === "GET" ? {} : { body }),
    signal,
  });
  const bytes = await reply.arrayBuffer();
  return {
    status: reply.status,
    statusText: reply.statusText,
    milliseconds: performance.now() - began,
    bytes: bytes.byteLength,
    headers: [...reply.headers].sort(([one], [other]) => one.localeCompare(other)),
    text: new TextDecoder().decode(bytes),
  };
}

/** Of a key that is refused, there is nothing to ask: so is the order. */
const REFUSED = new Set(["invalid_api_key", "validation_error"]);

/**
 * Whether the account of the key trades live, or does not tell: a key may be for orders only. The
 * account need not be the one this tab looks at.
 */
export async function isLive(key: string, signal: AbortSignal): Promise<boolean> {
  const reply = await ask(MODE, {
    ...asProgram,
    method: "POST",
    headers: { "Content-Type": "application/json", ...(key === "" ? {} : { [KEY_HEADER]: key }) },
    body: "{}",
    signal,
  });
  const told = (await reply.json()) as { code?: string; data?: { analyze_mode?: boolean } };
  if (!reply.ok) return !REFUSED.has(told.code ?? "");
  return told.data?.analyze_mode !== true;
}

// biome-ignore lint/style/noRestrictedGlobals: the generated client would send our session and token
const ask: typeof fetch = (address, request) => fetch(address, request);
