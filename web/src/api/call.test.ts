import { expect, it, vi } from "vitest";
import { makeCall } from "./call";
import { ApiError } from "./errors";

const ok = (data: unknown) => ({ data, response: new Response(null, { status: 200 }) });
const refused = (status: number, code: string) => ({
  error: { status: "error", message: "No.", code, request_id: "r-1", errors: { price: ["odd"] } },
  response: new Response(null, { status }),
});

function setup() {
  const refusals = { sessionExpired: vi.fn(), tokenRefused: vi.fn() };
  return { refusals, call: makeCall(refusals) };
}

it("returns the reply", async () => {
  const { call } = setup();
  expect(await call(async () => ok({ count: 3 }))).toEqual({ count: 3 });
});

it("throws what the server said, with its code and request id", async () => {
  const { call } = setup();
  const error = await call(async () => refused(400, "invalid_request")).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    message: "No.",
    status: 400,
    code: "invalid_request",
    requestId: "r-1",
    fields: { price: ["odd"] },
  });
});

it("renews a refused token and sends once more, but only once", async () => {
  const { call, refusals } = setup();
  const request = vi.fn().mockResolvedValueOnce(refused(403, "csrf_failed"));
  request.mockResolvedValue(ok("done"));
  expect(await call(request)).toBe("done");
  expect(refusals.tokenRefused).toHaveBeenCalledOnce();

  const stubborn = vi.fn().mockResolvedValue(refused(403, "csrf_failed"));
  await expect(call(stubborn)).rejects.toMatchObject({ code: "csrf_failed" });
  expect(stubborn).toHaveBeenCalledTimes(2);
});

it("never sends again by itself after the session has ended", async () => {
  const { call, refusals } = setup();
  const request = vi.fn().mockResolvedValue(refused(401, "session_expired"));
  await expect(call(request)).rejects.toMatchObject({ status: 401 });
  expect(request).toHaveBeenCalledOnce();
  expect(refusals.sessionExpired).toHaveBeenCalledOnce();
});

it("says so when nothing answers", async () => {
  const { call } = setup();
  const down = () => Promise.reject(new TypeError("Failed to fetch"));
  await expect(call(down)).rejects.toMatchObject({ code: "unreachable", status: 0 });
  await expect(call(async () => ({ error: new TypeError("x") }))).rejects.toMatchObject({
    code: "unreachable",
  });
});

it("does not call an abandoned request a failure of the server", async () => {
  const { call } = setup();
  const abandoned = new DOMException("gone", "AbortError");
  await expect(call(() => Promise.reject(abandoned))).rejects.toBe(abandoned);
});
