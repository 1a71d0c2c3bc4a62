/** The two connections of this tab: what happens to the accounts, and what prices do. */

import { selectedAccount } from "@/api";
import { type AppEvent, EventFeed } from "./events";
import { pauseWhileHidden } from "./hidden";
import type { LinkPorts, SocketEvents, SocketLike } from "./socket";
import { TickFeed } from "./ticks";

export type { AppEvent } from "./events";
export type { LinkState } from "./socket";
export type { Instrument, Level, Mode, Tick } from "./ticks";

type EventListener = (event: AppEvent) => void;

const eventListeners = new Set<EventListener>();
const gapListeners = new Set<() => void>();

export const events = new EventFeed(ports("/ws/events"), {
  event: (event) => {
    for (const listener of eventListeners) listener(event);
  },
  gap: () => {
    for (const listener of gapListeners) listener();
  },
});

export const ticks = new TickFeed({
  ...ports("/ws"),
  nextFrame: (action) => requestAnimationFrame(action),
});

/** Calls `listener` with every event, `onGap` after a loss of some; returns how to stop it. */
export function onEvents(listener: EventListener, onGap: () => void): () => void {
  eventListeners.add(listener);
  gapListeners.add(onGap);
  return () => {
    eventListeners.delete(listener);
    gapListeners.delete(onGap);
  };
}

/** Connects both; returns how to disconnect them. */
export function goLive(): () => void {
  const hurry = () => {
    events.hurry();
    ticks.hurry();
  };
  const otherAccount = selectedAccount.subscribe(() => {
    ticks.stop();
    ticks.start();
  });
  window.addEventListener("online", hurry);
  events.start();
  ticks.start();
  const stopLooking = pauseWhileHidden(
    {
      isHidden: () => document.hidden,
      onChange: (listener) => {
        document.addEventListener("visibilitychange", listener);
        return () => document.removeEventListener("visibilitychange", listener);
      },
      later,
      now: Date.now,
    },
    {
      pause: () => ticks.pause(),
      resume: () => ticks.resume(),
      longAway: () => {
        for (const listener of gapListeners) listener();
      },
    },
  );
  return () => {
    stopLooking();
    window.removeEventListener("online", hurry);
    otherAccount();
    events.stop();
    ticks.stop();
  };
}

/** A connection that nothing looks after, for those who want to see each frame. */
export function openSocket(path: string, events: SocketEvents): SocketLike {
  return ports(path).open(events);
}

function ports(path: string): LinkPorts {
  return {
    open: (events) => {
      const address = new URL(path, window.location.href);
      address.protocol = address.protocol.replace("http", "ws");
      const account = selectedAccount.get();
      if (account !== null) address.searchParams.set("account", String(account));
      const socket = new WebSocket(address);
      socket.onopen = () => events.opened();
      socket.onmessage = ({ data }) => events.received(data);
      socket.onclose = ({ code, reason }) => events.closed(code, reason);
      return socket;
    },
    later,
    random: Math.random,
  };
}

function later(action: () => void, milliseconds: number): () => void {
  const timer = setTimeout(action, milliseconds);
  return () => clearTimeout(timer);
}
