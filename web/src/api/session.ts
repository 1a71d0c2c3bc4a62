import { Store } from "@/lib/store";

/** Whether this browser's session is good, as far as the page knows. */
export type SessionPhase = "unknown" | "active" | "expired" | "ended";

type Word = "logged-in" | "logged-out";

/** Between the tabs of one browser. */
export interface Channel {
  tell(word: Word): void;
  hear(listener: (word: unknown) => void): void;
}

/**
 * The session of this tab, which hears of what happens to it in other tabs.
 *
 * `expired`: a login over the current page brings it back, with everything typed there.
 * `ended`: the user logged out, here or in another tab.
 */
export class Session {
  readonly phase = new Store<SessionPhase>("unknown");

  constructor(
    private readonly channel: Channel | null,
    /** A new session has a new token. */
    private readonly renewed: () => void,
  ) {
    channel?.hear((word) => {
      if (word === "logged-out") this.end();
      if (word === "logged-in") this.begin();
    });
  }

  loggedIn(): void {
    this.begin();
    this.channel?.tell("logged-in");
  }

  loggedOut(): void {
    this.end();
    this.channel?.tell("logged-out");
  }

  /** The server says so. Only a session that was good can expire. */
  expired(): void {
    if (this.phase.get() === "active") this.phase.set("expired");
  }

  /** The server says that somebody is logged in. */
  found(): void {
    if (this.phase.get() !== "active") this.phase.set("active");
  }

  private begin(): void {
    this.renewed();
    this.phase.set("active");
  }

  private end(): void {
    this.renewed();
    this.phase.set("ended");
  }
}
