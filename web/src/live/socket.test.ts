import { expect, it, vi } from "vitest";
import { Link } from "./socket";
import { FakeNetwork } from "./testing";

function link(network: FakeNetwork) {
  const handlers = { opened: vi.fn(), message: vi.fn(), lost: vi.fn() };
  return { link: new Link(network, handlers), handlers };
}

it("comes back after a loss, and waits longer each time", () => {
  const network = new FakeNetwork();
  const { link: it, handlers } = link(network);
  it.start();
  network.last.opens();
  network.last.closes(1006);
  expect(handlers.lost).toHaveBeenCalledOnce();
  expect(it.state.get()).toMatchObject({ phase: "waiting", attempt: 1 });
  expect(network.waits()).toEqual([500]);
  network.runTimers();
  network.last.closes(1006);
  expect(network.waits()).toEqual([1000]);
  for (let i = 0; i < 10; i += 1) {
    network.runTimers();
    network.last.closes(1006);
  }
  expect(network.waits()).toEqual([15_000]);
});

it("starts over with a short wait once it was open", () => {
  const network = new FakeNetwork();
  const { link: it } = link(network);
  it.start();
  network.last.closes(1006);
  network.runTimers();
  network.last.opens();
  network.last.closes(1006);
  expect(network.waits()).toEqual([500]);
});

it("does not knock again where it was refused", () => {
  const network = new FakeNetwork();
  const { link: it } = link(network);
  it.start();
  network.last.opens();
  network.last.closes(4401, "Your session has ended");
  expect(it.state.get()).toEqual({ phase: "refused", reason: "Your session has ended" });
  expect(network.waits()).toEqual([]);
  it.start();
  expect(network.sockets).toHaveLength(2);
});

it("asks for a sign of life, and takes silence for a loss", () => {
  const network = new FakeNetwork();
  const { link: it } = link(network);
  it.start();
  network.last.opens();
  network.runTimers();
  expect(network.last.sent).toEqual([{ action: "ping" }]);
  network.runTimers();
  expect(it.state.get().phase).toBe("waiting");
});

it("hears nothing of a connection it gave up", () => {
  const network = new FakeNetwork();
  const { link: it, handlers } = link(network);
  it.start();
  const abandoned = network.last;
  it.stop();
  abandoned.receives({ type: "market_data" });
  expect(handlers.message).not.toHaveBeenCalled();
  expect(it.state.get().phase).toBe("off");
});

it("does not wait when the network is back", () => {
  const network = new FakeNetwork();
  const { link: it } = link(network);
  it.start();
  network.last.closes(1006);
  it.hurry();
  expect(it.state.get().phase).toBe("connecting");
  expect(network.waits()).toEqual([]);
});

it("drops what is not JSON", () => {
  const network = new FakeNetwork();
  const { link: it, handlers } = link(network);
  it.start();
  network.last.opens();
  network.last.receivesText("{");
  expect(handlers.message).not.toHaveBeenCalled();
});
