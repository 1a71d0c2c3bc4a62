import { Store } from "@/lib/store";

export type LinkState =
  | { phase: "off" }
  | { phase: "connecting"; attempt: number }
  | { phase: "open" }
  | { phase: "waiting"; attempt: number; seconds: number }
  | { phase: "refused"; reason: string };

/** The part of a WebSocket that we use; tests bring their own. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
}

export interface SocketEvents {
  opened(): void;
  received(data: unknown): void;
  closed(code: number, reason: string): void;
}

export interface LinkPorts {
  open(events: SocketEvents): SocketLike;
  /** Runs `action` after `milliseconds`; returns how to prevent it. */
  later(action: () => void, milliseconds: number): () => void;
  /** In [0, 1): spreads the reconnections of many tabs. */
  random(): number;
}

export interface LinkHandlers {
  opened(send: (message: object) => void): void;
  message(message: unknown): void;
  /** The connection is gone; what was known may be old now. */
  lost(): void;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const PING_EVERY = 20_000;
const PONG_WITHIN = 10_000;
const NOT_ALLOWED = new Set([1008, 4401, 4403]);

/**
 * A WebSocket that comes back: after 0.5 s, then ever later, at most every 15 s.
 *
 * It asks for a sign of life while nothing comes, since a network can vanish without a word. What
 * the server refused is not tried again before `start`.
 */
export class Link {
  readonly state = new Store<LinkState>({ phase: "off" });
  private socket: SocketLike | null = null;
  private cancelTimer: () => void = () => {};
  private attempt = 0;

  constructor(
    private readonly ports: LinkPorts,
    private readonly handlers: LinkHandlers,
  ) {}

  start(): void {
    const { phase } = this.state.get();
    if (phase === "open" || phase === "connecting") return;
    this.attempt = 0;
    this.connect();
  }

  stop(): void {
    this.drop();
    this.state.set({ phase: "off" });
  }

  /** The network is back: do not wait any longer. */
  hurry(): void {
    if (this.state.get().phase === "waiting") this.connect();
  }

  /** The other end is there, but does not want us: no more attempts before `start`. */
  refuse(reason: string): void {
    this.drop();
    this.handlers.lost();
    this.state.set({ phase: "refused", reason });
  }

  readonly send = (message: object): void => {
    if (this.state.get().phase === "open") this.socket?.send(JSON.stringify(message));
  };

  private connect(): void {
    this.drop();
    this.state.set({ phase: "connecting", attempt: this.attempt });
    const ours = () => this.socket === socket;
    const socket = this.ports.open({
      opened: () => ours() && this.opened(),
      received: (data) => ours() && this.received(data),
      closed: (code, reason) => ours() && this.closed(code, reason),
    });
    this.socket = socket;
  }

  private opened(): void {
    this.attempt = 0;
    this.state.set({ phase: "open" });
    this.watch();
    this.handlers.opened(this.send);
  }

  private received(data: unknown): void {
    this.watch();
    const message = parsed(data);
    if (message !== undefined) this.handlers.message(message);
  }

  private closed(code: number, reason: string): void {
    if (NOT_ALLOWED.has(code)) {
      this.refuse(reason || "The server ended the connection");
      return;
    }
    this.drop();
    this.handlers.lost();
    const wait = Math.min(FIRST_WAIT * 2 ** this.attempt, LONGEST_WAIT);
    const spread = wait * (0.75 + this.ports.random() / 2);
    this.attempt += 1;
    this.state.set({ phase: "waiting", attempt: this.attempt, seconds: Math.ceil(spread / 1000) });
    this.cancelTimer = this.ports.later(() => this.connect(), spread);
  }

  /** Expects something within half a minute, and asks for it before. */
  private watch(): void {
    this.cancelTimer();
    this.cancelTimer = this.ports.later(() => {
      this.send({ action: "ping" });
      this.cancelTimer = this.ports.later(() => this.closed(1006, "no answer"), PONG_WITHIN);
    }, PING_EVERY);
  }

  private drop(): void {
    this.cancelTimer();
    this.cancelTimer = () => {};
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}

function parsed(data: unknown): unknown {
  if (typeof data !== "string") return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
