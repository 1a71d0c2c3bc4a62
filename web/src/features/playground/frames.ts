/** The frames of a console: the newest thousand, and what they are in few words. */

export interface Frame {
  number: number;
  direction: "in" | "out" | "note";
  text: string;
  /** Epoch milliseconds. */
  at: number;
}

const KEPT = 1000;
const KEY_FIELDS = new Set(["api_key", "apikey"]);

export function added(frames: readonly Frame[], more: readonly Frame[]): readonly Frame[] {
  return [...frames, ...more].slice(-KEPT);
}

/** The text as it may be shown: a key that was sent is not. */
export function withoutKey(text: string): string {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return text;
  }
  if (typeof message !== "object" || message === null || Array.isArray(message)) return text;
  const shown = Object.entries(message).map(([name, value]) => [
    name,
    KEY_FIELDS.has(name) ? "•••" : value,
  ]);
  return JSON.stringify(Object.fromEntries(shown));
}

export type Action = "subscribe" | "unsubscribe";
export type StreamMode = "LTP" | "Quote" | "Depth";

/** `NSE:SBIN, INFY` as what the server takes; names without an exchange are of `exchange`. */
export function subscription(
  action: Action,
  names: string,
  exchange: string,
  mode: StreamMode,
): string {
  const symbols = names
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((name) => (name.includes(":") ? name : `${exchange}:${name}`.toUpperCase()));
  return JSON.stringify({ action, symbols, mode });
}
