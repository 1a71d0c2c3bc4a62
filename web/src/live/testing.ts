import type { SocketEvents, SocketLike } from "./socket";
import type { TickPorts } from "./ticks";

/** A socket whose other end is the test. */
export class FakeSocket implements SocketLike {
  readonly sent: unknown[] = [];

  constructor(private readonly events: SocketEvents) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {}
  opens(): void {
    this.events.opened();
  }
  receives(message: object): void {
    this.receivesText(JSON.stringify(message));
  }
  receivesText(text: string): void {
    this.events.received(text);
  }
  closes(code: number, reason = ""): void {
    this.events.closed(code, reason);
  }
}

/** A network, a clock and a screen that move when the test says so. */
export class FakeNetwork implements TickPorts {
  readonly sockets: FakeSocket[] = [];
  private timers = new Map<object, { action: () => void; milliseconds: number }>();
  private frames: (() => void)[] = [];

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("nothing connected yet");
    return socket;
  }
  open(events: SocketEvents): FakeSocket {
    const socket = new FakeSocket(events);
    this.sockets.push(socket);
    return socket;
  }
  later(action: () => void, milliseconds: number): () => void {
    const id = {};
    this.timers.set(id, { action, milliseconds });
    return () => this.timers.delete(id);
  }
  random(): number {
    return 0.5;
  }
  nextFrame(action: () => void): void {
    this.frames.push(action);
  }
  waits(): number[] {
    return [...this.timers.values()].map((timer) => timer.milliseconds);
  }
  runTimers(): void {
    const due = [...this.timers.values()];
    this.timers.clear();
    for (const { action } of due) action();
  }
  draw(): void {
    const due = this.frames;
    this.frames = [];
    for (const action of due) action();
  }
}
