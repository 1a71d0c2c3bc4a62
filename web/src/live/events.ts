import type { Store } from "@/lib/store";
import { Link, type LinkPorts, type LinkState } from "./socket";

/** Something that happened to an account of the user; what is in `data`, docs/asyncapi.yaml tells. */
export interface AppEvent {
  event: string;
  /** `null` where it is about more than one. */
  account: number | null;
  data: Readonly<Record<string, unknown>>;
  /** Epoch milliseconds. */
  ts: number;
  seq?: number;
}

export interface EventHandlers {
  event(event: AppEvent): void;
  /** Something was missed: whatever is shown has to be read again. */
  gap(): void;
}

/**
 * What happens to the user's accounts, over one WebSocket.
 *
 * Events are numbered. After a reconnection the missed ones are asked for; where the server does
 * not have them any more, `gap` is called.
 */
export class EventFeed {
  readonly state: Store<LinkState>;
  private readonly link: Link;
  private lastSeq: number | null = null;

  constructor(
    ports: LinkPorts,
    private readonly handlers: EventHandlers,
  ) {
    this.link = new Link(ports, {
      opened: () => {},
      message: (message) => this.receive(message),
      lost: () => {},
    });
    this.state = this.link.state;
  }

  start(): void {
    this.link.start();
  }

  stop(): void {
    this.link.stop();
    this.lastSeq = null;
  }

  hurry(): void {
    this.link.hurry();
  }

  private receive(message: unknown): void {
    if (!isTyped(message)) return;
    if (message.type === "hello" && isSeq(message.seq)) this.greeted(message.seq);
    if (message.type === "resume" && message.complete === false) this.handlers.gap();
    if (message.type === "event" && isEvent(message)) this.happened(message);
  }

  private greeted(seq: number): void {
    if (this.lastSeq === null) this.lastSeq = seq;
    else if (seq !== this.lastSeq) this.link.send({ action: "resume", last_seq: this.lastSeq });
  }

  private happened(event: AppEvent): void {
    if (event.seq !== undefined) {
      // Told twice: once live, once when catching up.
      if (this.lastSeq !== null && event.seq <= this.lastSeq) return;
      this.lastSeq = event.seq;
    }
    this.handlers.event(event);
  }
}

function isTyped(message: unknown): message is { type: string } & Record<string, unknown> {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    typeof message.type === "string"
  );
}

function isSeq(value: unknown): value is number {
  return typeof value === "number";
}

function isEvent(message: Record<string, unknown>): message is Record<string, unknown> & AppEvent {
  return (
    typeof message.event === "string" && typeof message.data === "object" && message.data !== null
  );
}
