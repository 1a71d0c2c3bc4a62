import { Store } from "@/lib/store";
import { openSocket } from "@/live";
import type { SocketLike } from "@/live/socket";
import { added, type Frame, withoutKey } from "./frames";

export type Phase = "closed" | "connecting" | "open";

/**
 * A connection of the console's own, beside the one that feeds the app.
 *
 * Frames are told once a picture, not one by one: a busy market sends hundreds in a second.
 */
export class ConsoleLink {
  readonly phase = new Store<Phase>("closed");
  readonly frames = new Store<readonly Frame[]>([]);
  readonly paused = new Store(false);
  /** Frames that came while paused and are not shown. */
  readonly missed = new Store(0);
  private socket: SocketLike | null = null;
  private waiting: Frame[] = [];
  private drawing = false;
  private next = 1;

  connect(path: string): void {
    this.disconnect();
    this.phase.set("connecting");
    const ours = () => this.socket === socket;
    const socket = openSocket(path, {
      opened: () => {
        if (!ours()) return;
        this.phase.set("open");
        this.note("Connected");
      },
      received: (data) => ours() && this.received(String(data)),
      closed: (code, reason) => {
        if (!ours()) return;
        this.socket = null;
        this.phase.set("closed");
        this.note(`Closed: ${code}${reason && ` ${reason}`}`);
      },
    });
    this.socket = socket;
  }

  disconnect(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    if (this.phase.get() !== "closed") this.note("Disconnected");
    this.phase.set("closed");
  }

  send(text: string): void {
    if (this.phase.get() !== "open") return;
    this.socket?.send(text);
    this.show("out", withoutKey(text));
  }

  pause(paused: boolean): void {
    this.paused.set(paused);
    this.missed.set(0);
  }

  clear(): void {
    this.frames.set([]);
  }

  private received(text: string): void {
    if (this.paused.get()) this.missed.set(this.missed.get() + 1);
    else this.show("in", text);
  }

  private note(text: string): void {
    this.show("note", text);
  }

  private show(direction: Frame["direction"], text: string): void {
    this.waiting.push({ number: this.next++, direction, text, at: Date.now() });
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      const more = this.waiting;
      this.waiting = [];
      this.frames.set(added(this.frames.get(), more));
    });
  }
}
