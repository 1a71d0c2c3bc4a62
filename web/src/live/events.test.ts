import { expect, it, vi } from "vitest";
import { EventFeed } from "./events";
import { FakeNetwork } from "./testing";

function connected() {
  const network = new FakeNetwork();
  const handlers = { event: vi.fn(), gap: vi.fn() };
  const feed = new EventFeed(network, handlers);
  feed.start();
  network.last.opens();
  network.last.receives({ type: "hello", seq: 10 });
  return { network, handlers, feed };
}

const filled = (seq: number) => ({
  type: "event",
  event: "order_update",
  account: 1,
  data: {},
  ts: 0,
  seq,
});

it("hands on what happens", () => {
  const { network, handlers } = connected();
  network.last.receives(filled(11));
  expect(handlers.event).toHaveBeenCalledWith(expect.objectContaining({ event: "order_update" }));
  expect(handlers.gap).not.toHaveBeenCalled();
});

it("asks for what was missed while it was away", () => {
  const { network, handlers } = connected();
  network.last.receives(filled(11));
  network.last.closes(1006);
  network.runTimers();
  network.last.opens();
  network.last.receives({ type: "hello", seq: 13 });
  expect(network.last.sent).toEqual([{ action: "resume", last_seq: 11 }]);
  network.last.receives({ type: "resume", status: "success", complete: true, events: 2 });
  network.last.receives(filled(12));
  network.last.receives(filled(13));
  network.last.receives(filled(13));
  expect(handlers.event).toHaveBeenCalledTimes(3);
  expect(handlers.gap).not.toHaveBeenCalled();
});

it("asks for nothing when nothing was missed", () => {
  const { network } = connected();
  network.last.closes(1006);
  network.runTimers();
  network.last.opens();
  network.last.receives({ type: "hello", seq: 10 });
  expect(network.last.sent).toEqual([]);
});

it("has everything read again where the server forgot what was missed", () => {
  const { network, handlers } = connected();
  network.last.receives({ type: "resume", status: "success", complete: false, events: 0 });
  expect(handlers.gap).toHaveBeenCalledOnce();
});
