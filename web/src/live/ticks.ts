import { Store } from "@/lib/store";
import { Link, type LinkPorts, type LinkState } from "./socket";

export type Mode = "LTP" | "Quote" | "Depth";

export interface Level {
  price: number;
  quantity: number;
  orders?: number;
}

/** What is known of an instrument; what is not known is left out. */
export interface Tick {
  symbol: string;
  exchange: string;
  ltp?: number;
  open?: number;
  high?: number;
  low?: number;
  close?: number;
  prev_close?: number;
  change?: number;
  change_percent?: number;
  /** Of the day so far. */
  volume?: number;
  oi?: number;
  bid_price?: number;
  bid_size?: number;
  ask_price?: number;
  ask_size?: number;
  total_buy_quantity?: number;
  total_sell_quantity?: number;
  depth?: { buy: Level[]; sell: Level[] };
  /** When it came, in milliseconds since 1970. */
  timestamp?: number;
  /** When the exchange last traded it, in milliseconds since 1970. */
  ltt?: number;
}

export interface Instrument {
  symbol: string;
  exchange: string;
}

export interface TickPorts extends LinkPorts {
  /** Runs `action` before the next picture is drawn. */
  nextFrame(action: () => void): void;
}

type Listener = (tick: Tick) => void;

interface Watch {
  instrument: Instrument;
  mode: Mode;
  listeners: Set<Listener>;
}

const MODES: readonly Mode[] = ["LTP", "Quote", "Depth"];
/** As many as any feed has; the server gives what the account's has. */
const MOST_LEVELS = 50;

/**
 * Live prices over one WebSocket, opened with the session's cookie. Each instrument is subscribed while anybody looks at it.
 *
 * Listeners hear at most once a frame, the newest value. After a reconnection everything that
 * somebody still looks at is subscribed anew.
 */
export class TickFeed {
  readonly state: Store<LinkState>;
  /** Whether prices may be older than they look. */
  readonly stale = new Store(true);
  /** Why the server itself gets no prices, while that is so. */
  readonly trouble = new Store<string | null>(null);
  private readonly link: Link;
  private readonly watches = new Map<string, Watch>();
  private readonly latest = new Map<string, Tick>();
  private readonly changed = new Set<string>();
  private readonly toAdd = new Map<string, Watch>();
  private readonly toDrop = new Map<string, Watch>();
  private ready = false;
  private paused = false;
  private flushing = false;
  private drawing = false;

  constructor(private readonly ports: TickPorts) {
    this.link = new Link(ports, {
      opened: (send) => send({ action: "authenticate" }),
      message: (message) => this.receive(message),
      lost: () => {
        this.ready = false;
        this.judge(null);
      },
    });
    this.state = this.link.state;
  }

  start(): void {
    this.link.start();
  }

  stop(): void {
    this.link.stop();
    this.ready = false;
    this.judge(null);
  }

  hurry(): void {
    this.link.hurry();
  }

  /** Hears of no price before `resume`; the connection stays. */
  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.judge();
    if (this.ready) this.request("unsubscribe", new Map([...this.watches, ...this.toDrop]));
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    if (this.ready) this.subscribeAll();
  }

  /** The newest value, if there was one. */
  peek({ exchange, symbol }: Instrument, mode: Mode): Tick | undefined {
    return this.latest.get(keyOf(exchange, symbol, mode));
  }

  /** Calls `listener` with what is known and with every change, until the returned function is called. */
  watch({ symbol, exchange }: Instrument, mode: Mode, listener: Listener): () => void {
    const instrument = { symbol, exchange };
    const key = keyOf(exchange, symbol, mode);
    let watch = this.watches.get(key);
    if (watch === undefined) {
      watch = { instrument, mode, listeners: new Set() };
      this.watches.set(key, watch);
      if (!this.toDrop.delete(key)) this.toAdd.set(key, watch);
      this.flushSoon();
    }
    watch.listeners.add(listener);
    const known = this.latest.get(key);
    if (known !== undefined) listener(known);
    return () => this.unwatch(key, listener);
  }

  private unwatch(key: string, listener: Listener): void {
    const watch = this.watches.get(key);
    if (watch === undefined || !watch.listeners.delete(listener) || watch.listeners.size > 0)
      return;
    this.watches.delete(key);
    this.latest.delete(key);
    if (!this.toAdd.delete(key)) this.toDrop.set(key, watch);
    this.flushSoon();
  }

  /** A page that opens asks for many instruments one by one: they go out as one message. */
  private flushSoon(): void {
    if (this.flushing) return;
    this.flushing = true;
    queueMicrotask(() => {
      this.flushing = false;
      if (!this.ready || this.paused) return;
      this.request("unsubscribe", this.toDrop);
      this.request("subscribe", this.toAdd);
    });
  }

  private resubscribe(): void {
    this.ready = true;
    if (!this.paused) this.subscribeAll();
  }

  private subscribeAll(): void {
    this.toDrop.clear();
    this.toAdd.clear();
    this.request("subscribe", new Map(this.watches));
    this.judge();
  }

  /** Every new attempt is told as `connecting`: what was wrong stays so until there is a connection. */
  private hear({ status, message }: FeedStatus): void {
    if (status !== "connecting") this.judge(status === "connected" ? null : message);
  }

  private judge(trouble = this.trouble.get()): void {
    this.trouble.set(trouble);
    this.stale.set(!this.ready || this.paused || trouble !== null);
  }

  private request(action: "subscribe" | "unsubscribe", watches: Map<string, Watch>): void {
    for (const mode of MODES) {
      const symbols = [...watches.values()]
        .filter((watch) => watch.mode === mode)
        .map((watch) => watch.instrument);
      const asked = action === "subscribe" && mode === "Depth" ? { depth: MOST_LEVELS } : {};
      if (symbols.length > 0) this.link.send({ action, mode, symbols, ...asked });
    }
    watches.clear();
  }

  private receive(message: unknown): void {
    if (isLoginReply(message)) {
      if (message.status === "success") this.resubscribe();
      else this.link.refuse(message.message);
    }
    if (isFeedStatus(message)) this.hear(message);
    if (!isMarketData(message)) return;
    const mode = MODES[message.mode - 1];
    if (mode === undefined) return;
    const key = keyOf(message.exchange, message.symbol, mode);
    if (!this.watches.has(key)) return;
    this.latest.set(key, message.data);
    this.changed.add(key);
    if (this.drawing) return;
    this.drawing = true;
    this.ports.nextFrame(() => this.tell());
  }

  private tell(): void {
    this.drawing = false;
    const keys = [...this.changed];
    this.changed.clear();
    for (const key of keys) {
      const tick = this.latest.get(key);
      const watch = this.watches.get(key);
      if (tick === undefined || watch === undefined) continue;
      for (const listener of watch.listeners) listener(tick);
    }
  }
}

interface MarketData {
  type: "market_data";
  symbol: string;
  exchange: string;
  mode: number;
  data: Tick;
}

interface LoginReply {
  type: "auth";
  status: "success" | "error";
  message: string;
}

/** How the feed behind the server does; told when it changes, and at the beginning unless all is well. */
interface FeedStatus {
  type: "feed_status";
  status: "connecting" | "connected" | "disconnected" | "error";
  message: string;
}

function isLoginReply(message: unknown): message is LoginReply {
  return isOfType(message, "auth");
}

function isFeedStatus(message: unknown): message is FeedStatus {
  return isOfType(message, "feed_status");
}

function isOfType(message: unknown, type: string): message is object {
  return (
    typeof message === "object" && message !== null && "type" in message && message.type === type
  );
}

function isMarketData(message: unknown): message is MarketData {
  return (
    isOfType(message, "market_data") &&
    "data" in message &&
    "mode" in message &&
    typeof message.mode === "number"
  );
}

function keyOf(exchange: string, symbol: string, mode: Mode): string {
  return `${mode}:${exchange}:${symbol}`;
}
