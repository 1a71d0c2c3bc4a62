import { ApiError, apiError, UNREACHABLE } from "./errors";

/** What the generated client hands back. */
export interface Outcome<T> {
  data?: T | undefined;
  error?: unknown;
  response?: Response | undefined;
}

/** What to do when the server no longer takes what the page holds for valid. */
export interface Refusals {
  /** The session is over: the user has to log in. */
  sessionExpired(): void;
  /** The CSRF token is that of an earlier session. */
  tokenRefused(): void;
}

/**
 * Asks the server through the generated client and returns the reply; throws `ApiError`.
 *
 * A refused CSRF token is renewed and the request sent once more: nothing had happened yet. After
 * the end of a session nothing is sent by itself, since what was right before the user came back
 * (an order, say) may not be any more.
 */
export function makeCall(refusals: Refusals) {
  return async function call<T>(request: () => Promise<Outcome<T>>): Promise<T> {
    try {
      return await once(request);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "session_expired") refusals.sessionExpired();
      if (error.code !== "csrf_failed") throw error;
      refusals.tokenRefused();
      return await once(request);
    }
  };
}

async function once<T>(request: () => Promise<Outcome<T>>): Promise<T> {
  let outcome: Outcome<T>;
  try {
    outcome = await request();
  } catch (error) {
    if (isAbort(error) || error instanceof ApiError) throw error;
    throw unreachable();
  }
  if (outcome.response === undefined) {
    if (isAbort(outcome.error) || outcome.error instanceof ApiError) throw outcome.error;
    throw unreachable();
  }
  if (!outcome.response.ok || outcome.data === undefined) {
    throw apiError(outcome.error, outcome.response.status);
  }
  return outcome.data;
}

function unreachable(): ApiError {
  return new ApiError(
    "The server did not answer. Is it running, and are you online?",
    0,
    UNREACHABLE,
    null,
  );
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
