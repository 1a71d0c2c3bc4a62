import { expect, it, vi } from "vitest";
import { CsrfToken } from "./csrf";
import { type Channel, Session } from "./session";

/** Two tabs of one browser. */
function tabs() {
  const listeners: ((word: unknown) => void)[] = [];
  const channels: Channel[] = [0, 1].map((own) => ({
    hear: (listener) => {
      listeners[own] = listener;
    },
    tell: (word) => listeners[1 - own]?.(word),
  }));
  const renewed = [vi.fn(), vi.fn()];
  const sessions = channels.map((channel, i) => new Session(channel, renewed[i] ?? vi.fn()));
  const [here, there] = sessions as [Session, Session];
  return { here, there, renewed };
}

it("ends in all tabs when one logs out", () => {
  const { here, there, renewed } = tabs();
  here.found();
  there.found();
  here.loggedOut();
  expect(there.phase.get()).toBe("ended");
  expect(renewed[1]).toHaveBeenCalledOnce();
});

it("comes back in all tabs with one login", () => {
  const { here, there } = tabs();
  there.found();
  there.expired();
  here.loggedIn();
  expect(there.phase.get()).toBe("active");
});

it("expires only where it was good: a visitor at the login is not interrupted", () => {
  const { here } = tabs();
  here.expired();
  expect(here.phase.get()).toBe("unknown");
  here.found();
  here.expired();
  expect(here.phase.get()).toBe("expired");
});

it("asks for a token once, however many wait for it", async () => {
  const ask = vi.fn().mockResolvedValue("t1");
  const token = new CsrfToken(ask);
  expect(await Promise.all([token.get(), token.get()])).toEqual(["t1", "t1"]);
  expect(ask).toHaveBeenCalledOnce();
  token.forget();
  ask.mockResolvedValue("t2");
  expect(await token.get()).toBe("t2");
});

it("asks for a token again where asking failed", async () => {
  const ask = vi.fn().mockRejectedValueOnce(new Error("down")).mockResolvedValue("t1");
  const token = new CsrfToken(ask);
  await expect(token.get()).rejects.toThrow("down");
  expect(await token.get()).toBe("t1");
});
