import { expect, it, vi } from "vitest";
import { pauseWhileHidden } from "./hidden";

function page() {
  const timers = new Set<{ at: number; action: () => void }>();
  const listeners = new Set<() => void>();
  let hidden = false;
  let now = 0;
  const handlers = { pause: vi.fn(), resume: vi.fn(), longAway: vi.fn() };
  const stop = pauseWhileHidden(
    {
      isHidden: () => hidden,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      later: (action, milliseconds) => {
        const timer = { at: now + milliseconds, action };
        timers.add(timer);
        return () => timers.delete(timer);
      },
      now: () => now,
    },
    handlers,
  );
  const turn = (to: boolean) => {
    hidden = to;
    for (const listener of listeners) listener();
  };
  const pass = (milliseconds: number) => {
    now += milliseconds;
    for (const timer of timers) {
      if (timer.at > now) continue;
      timers.delete(timer);
      timer.action();
    }
  };
  return { ...handlers, hide: () => turn(true), show: () => turn(false), pass, stop };
}

it("goes on for those who are back within five seconds", () => {
  const { hide, show, pass, pause, longAway } = page();
  hide();
  pass(4_999);
  show();
  pass(60_000);
  expect(pause).not.toHaveBeenCalled();
  expect(longAway).not.toHaveBeenCalled();
});

it("pauses after five seconds and resumes at once on return", () => {
  const { hide, show, pass, pause, resume, longAway } = page();
  hide();
  pass(5_000);
  hide();
  pass(10_000);
  expect(pause).toHaveBeenCalledTimes(1);
  expect(resume).not.toHaveBeenCalled();
  show();
  expect(resume).toHaveBeenCalledTimes(1);
  expect(longAway).not.toHaveBeenCalled();
});

it("has everything read again after more than half a minute", () => {
  const { hide, show, pass, longAway } = page();
  hide();
  pass(30_000);
  show();
  expect(longAway).not.toHaveBeenCalled();
  hide();
  pass(30_001);
  show();
  expect(longAway).toHaveBeenCalledTimes(1);
});

it("pauses nothing any more once it is stopped", () => {
  const { hide, pass, stop, pause } = page();
  hide();
  stop();
  pass(60_000);
  expect(pause).not.toHaveBeenCalled();
});
