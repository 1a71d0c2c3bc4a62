/** What a request came to when it came to nothing good. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    message: string,
    /** The status of the reply; 0 where there was none. */
    readonly status: number,
    /** The server's word for the cause, such as `session_expired`. */
    readonly code: string,
    readonly requestId: string | null,
    /** What is wrong with each field of a form. */
    readonly fields: Readonly<Record<string, string[]>> = {},
    /** All that the server said. */
    readonly reply: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

export const UNREACHABLE = "unreachable";

/** The server's word for an order that may or may not be at the broker. */
export const OUTCOME_UNKNOWN = "order_outcome_unknown";

const UNSURE = new Set([OUTCOME_UNKNOWN, "internal_error"]);

/** Whether something may have happened although an error came back, or nothing at all. */
export function isUnknown(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  // `http_5..`: whatever stands before the server answered in its place.
  return error.status === 0 || UNSURE.has(error.code) || /^http_5/.test(error.code);
}

/** What to say of something that was to be `done` (cancelled, say) when an error came back. */
export function undone(error: unknown, done: string): string {
  return isUnknown(error) ? `nobody knows whether it was ${done}` : `not ${done}`;
}

/** An error reply of the server, or of whatever stands in front of it, as an `ApiError`. */
export function apiError(body: unknown, status: number): ApiError {
  const reply = isRecord(body) ? body : {};
  const message = typeof reply.message === "string" ? reply.message : null;
  return new ApiError(
    message ?? `The server answered ${status} without saying why`,
    status,
    typeof reply.code === "string" ? reply.code : `http_${status}`,
    typeof reply.request_id === "string" ? reply.request_id : null,
    fieldsOf(reply.errors),
    reply,
  );
}

/** The sentence to show for anything that was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fieldsOf(errors: unknown): Record<string, string[]> {
  if (!isRecord(errors)) return {};
  return Object.fromEntries(
    Object.entries(errors).map(([name, texts]) => [
      name,
      Array.isArray(texts) ? texts.map(String) : [],
    ]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
