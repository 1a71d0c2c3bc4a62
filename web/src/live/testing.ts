import type { SocketLike } from "./socket";
import type { TickPorts } from "./ticks";

/** A socket whose other end is the test. */
export class FakeSocket implements SocketLike {
  readonly sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {}
  opens(): void {
    this.onopen?.();
  }
  receives(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  closes(code: number, reason = ""): void {
    this.onclose?.({ code, reason });
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
  open(): FakeSocket {
    const socket = new FakeSocket();
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
