import { expect, it, vi } from "vitest";
import { FakeNetwork } from "./testing";
import { TickFeed } from "./ticks";

const SBIN = { symbol: "SBIN", exchange: "NSE" };
const INFY = { symbol: "INFY", exchange: "NSE" };
const settled = () => Promise.resolve();

function price(ltp: number, mode = 1) {
  return { type: "market_data", ...SBIN, mode, broker: "simulator", data: { ...SBIN, ltp } };
}

function welcome(network: FakeNetwork): void {
  expect(network.last.sent).toEqual([{ action: "authenticate" }]);
  network.last.receives({ type: "auth", status: "success", message: "Welcome" });
}

async function connected() {
  const network = new FakeNetwork();
  const feed = new TickFeed(network);
  feed.start();
  network.last.opens();
  welcome(network);
  await settled();
  network.last.sent.length = 0;
  return { network, feed };
}

it("asks once for what many look at, in one message for all", async () => {
  const { network, feed } = await connected();
  feed.watch(SBIN, "LTP", vi.fn());
  feed.watch(SBIN, "LTP", vi.fn());
  feed.watch(INFY, "LTP", vi.fn());
  await settled();
  expect(network.last.sent).toEqual([{ action: "subscribe", mode: "LTP", symbols: [SBIN, INFY] }]);
});

it("keeps the subscription until the last one looks away", async () => {
  const { network, feed } = await connected();
  const first = feed.watch(SBIN, "LTP", vi.fn());
  const second = feed.watch(SBIN, "LTP", vi.fn());
  await settled();
  first();
  first();
  await settled();
  expect(network.last.sent).toHaveLength(1);
  second();
  await settled();
  expect(network.last.sent.at(-1)).toEqual({
    action: "unsubscribe",
    mode: "LTP",
    symbols: [SBIN],
  });
});

it("says nothing to the server when a page is left for one with the same instrument", async () => {
  const { network, feed } = await connected();
  const leave = feed.watch(SBIN, "LTP", vi.fn());
  await settled();
  leave();
  feed.watch(SBIN, "LTP", vi.fn());
  await settled();
  expect(network.last.sent).toHaveLength(1);
});

it("tells the newest price once a frame", async () => {
  const { network, feed } = await connected();
  const listener = vi.fn();
  feed.watch(SBIN, "LTP", listener);
  network.last.receives(price(100));
  network.last.receives(price(101));
  expect(listener).not.toHaveBeenCalled();
  network.draw();
  expect(listener.mock.calls).toEqual([[{ ...SBIN, ltp: 101 }]]);
});

it("tells a newcomer at once what is known", async () => {
  const { network, feed } = await connected();
  feed.watch(SBIN, "LTP", vi.fn());
  network.last.receives(price(100));
  const newcomer = vi.fn();
  feed.watch(SBIN, "LTP", newcomer);
  expect(newcomer).toHaveBeenCalledWith({ ...SBIN, ltp: 100 });
});

it("keeps the modes of an instrument apart", async () => {
  const { network, feed } = await connected();
  const listener = vi.fn();
  feed.watch(SBIN, "LTP", listener);
  network.last.receives(price(100, 2));
  network.draw();
  expect(listener).not.toHaveBeenCalled();
});

it("shows that prices are old while disconnected, and subscribes anew", async () => {
  const { network, feed } = await connected();
  feed.watch(SBIN, "Quote", vi.fn());
  await settled();
  expect(feed.stale.get()).toBe(false);
  network.last.closes(1006);
  expect(feed.stale.get()).toBe(true);
  feed.watch(INFY, "Quote", vi.fn());
  network.runTimers();
  network.last.opens();
  expect(feed.stale.get()).toBe(true);
  welcome(network);
  await settled();
  expect(network.last.sent.slice(1)).toEqual([
    { action: "subscribe", mode: "Quote", symbols: [SBIN, INFY] },
  ]);
  expect(feed.stale.get()).toBe(false);
});

it("forgets the price of what nobody looks at", async () => {
  const { network, feed } = await connected();
  const leave = feed.watch(SBIN, "LTP", vi.fn());
  network.last.receives(price(100));
  leave();
  expect(feed.peek(SBIN, "LTP")).toBeUndefined();
});

it("stays away when the session is not good", async () => {
  const network = new FakeNetwork();
  const feed = new TickFeed(network);
  feed.start();
  network.last.opens();
  network.last.receives({ type: "auth", status: "error", code: "X", message: "Log in first" });
  expect(feed.state.get()).toEqual({ phase: "refused", reason: "Log in first" });
});

it("wants no prices while it is paused, and afterwards those of whoever looks then", async () => {
  const { network, feed } = await connected();
  feed.watch(SBIN, "LTP", vi.fn());
  const leave = feed.watch(INFY, "LTP", vi.fn());
  await settled();
  network.last.sent.length = 0;
  feed.pause();
  expect(network.last.sent).toEqual([
    { action: "unsubscribe", mode: "LTP", symbols: [SBIN, INFY] },
  ]);
  expect(feed.stale.get()).toBe(true);
  leave();
  feed.watch(SBIN, "Quote", vi.fn());
  await settled();
  expect(network.last.sent).toHaveLength(1);
  feed.resume();
  expect(network.last.sent.slice(1)).toEqual([
    { action: "subscribe", mode: "LTP", symbols: [SBIN] },
    { action: "subscribe", mode: "Quote", symbols: [SBIN] },
  ]);
  expect(feed.stale.get()).toBe(false);
});

it("stays paused through a reconnection", async () => {
  const { network, feed } = await connected();
  feed.watch(SBIN, "LTP", vi.fn());
  await settled();
  feed.pause();
  network.last.closes(1006);
  network.runTimers();
  network.last.opens();
  welcome(network);
  expect(network.last.sent).toHaveLength(1);
  feed.resume();
  expect(network.last.sent.at(-1)).toEqual({ action: "subscribe", mode: "LTP", symbols: [SBIN] });
});

it("tells why the server gets no prices, until it gets some or the connection is lost", async () => {
  const { network, feed } = await connected();
  const says = (status: string, message: string) =>
    network.last.receives({ type: "feed_status", status, broker: "zerodha", message });
  says("connecting", "2 of 3 connections");
  expect(feed.stale.get()).toBe(false);
  says("error", "The broker cannot be reached");
  says("connecting", "Connecting");
  expect([feed.stale.get(), feed.trouble.get()]).toEqual([true, "The broker cannot be reached"]);
  says("connected", "All is well");
  expect([feed.stale.get(), feed.trouble.get()]).toEqual([false, null]);
  says("disconnected", "Waiting for a login at the broker");
  expect([feed.stale.get(), feed.trouble.get()]).toEqual([
    true,
    "Waiting for a login at the broker",
  ]);
  network.last.closes(1006);
  expect([feed.stale.get(), feed.trouble.get()]).toEqual([true, null]);
});
