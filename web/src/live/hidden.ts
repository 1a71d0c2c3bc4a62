/** A page that can be hidden, and a clock; tests bring their own. */
export interface HiddenPorts {
  isHidden(): boolean;
  onChange(listener: () => void): () => void;
  later(action: () => void, milliseconds: number): () => void;
  /** Milliseconds of any clock that goes on while the page is hidden. */
  now(): number;
}

export interface HiddenHandlers {
  pause(): void;
  resume(): void;
  /** So much may have been missed that what is shown has to be read again. */
  longAway(): void;
}

const PAUSE_AFTER = 5_000;
const LONG = 30_000;

/** Pauses what only eyes need while nobody can see the page; returns how to stop that. */
export function pauseWhileHidden(ports: HiddenPorts, handlers: HiddenHandlers): () => void {
  let since: number | null = null;
  let cancel = () => {};
  const look = () => {
    if (ports.isHidden()) {
      if (since !== null) return;
      since = ports.now();
      cancel = ports.later(handlers.pause, PAUSE_AFTER);
      return;
    }
    if (since === null) return;
    const away = ports.now() - since;
    since = null;
    cancel();
    handlers.resume();
    if (away > LONG) handlers.longAway();
  };
  const stop = ports.onChange(look);
  look();
  return () => {
    stop();
    cancel();
    handlers.resume();
  };
}
