/** The way to the server: the generated client with our session, token and account. */

import { csrfToken } from "@/client";
import { client } from "@/client/client.gen";
import { saveChoice, savedChoice } from "@/lib/saved";
import { Store } from "@/lib/store";
import { makeCall } from "./call";
import { CsrfToken } from "./csrf";
import { type Channel, Session } from "./session";

export { ApiError, isUnknown, OUTCOME_UNKNOWN, sentenceOf, undone } from "./errors";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

export const csrf = new CsrfToken(async () => (await call(() => csrfToken())).csrf_token);

export const session = new Session(otherTabs(), () => csrf.forget());

/** The account the user looks at; `null` stands for their default one. */
export const selectedAccount = new Store<number | null>(savedAccount());

/** How the page shows the account: the server refuses orders for one that trades otherwise. */
export const shownMode = new Store<"analyze" | "live" | null>(null);

export const call = makeCall({
  sessionExpired: () => session.expired(),
  tokenRefused: () => csrf.forget(),
});

export function selectAccount(id: number | null): void {
  saveChoice("account", id === null ? null : String(id));
  selectedAccount.set(id);
}

/** The address of a download, which a browser fetches without our headers. */
export function downloadAddress(path: string): string {
  const account = selectedAccount.get();
  if (account === null) return path;
  return `${path}${path.includes("?") ? "&" : "?"}account=${account}`;
}

export function configureClient(): void {
  client.setConfig({ baseUrl: "", credentials: "same-origin", cache: "no-store" });
  client.interceptors.request.use(async (request) => {
    request.headers.set("Accept", "application/json");
    const account = selectedAccount.get();
    // Some questions name an account of their own.
    if (account !== null && !request.headers.has("X-Account")) {
      request.headers.set("X-Account", String(account));
    }
    const mode = shownMode.get();
    if (mode !== null) request.headers.set("X-Mode", mode);
    if (!SAFE.has(request.method) && session.phase.get() !== "unknown") {
      request.headers.set("X-CSRFToken", await csrf.get());
    }
    return request;
  });
}

function savedAccount(): number | null {
  const id = Number(savedChoice("account"));
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

function otherTabs(): Channel | null {
  if (typeof BroadcastChannel === "undefined") return null;
  const channel = new BroadcastChannel("openalgo.session");
  return {
    tell: (word) => channel.postMessage(word),
    hear: (listener) => {
      channel.onmessage = ({ data }) => listener(data);
    },
  };
}
