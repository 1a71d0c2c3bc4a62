import { Store } from "./store";

/** A choice of the user as the server has it; `version` rises with every change. */
export interface Kept {
  value: unknown;
  version: number;
}

export type KeptByName = Readonly<Record<string, Kept>>;

/** What comes of a value; of `undefined` where there is none yet. */
export type Change = (now: unknown) => unknown;

export interface KeeperPorts {
  /** What the server said last; `undefined` before that. */
  known(): KeptByName | undefined;
  /** Asks the server. */
  read(): Promise<KeptByName>;
  /** Sends a value that is based on the version `since`; the new version, or throws. */
  write(name: string, value: unknown, since: number): Promise<number>;
  /** The server has this now. */
  kept(name: string, now: Kept): void;
  /** Whether `error` says that another window was faster. */
  isConflict(error: unknown): boolean;
  /** The changes of `name` are lost. */
  failed(name: string, error: unknown): void;
}

const ATTEMPTS = 4;

/**
 * Sends changes of choices one after the other. They are functions, so that what another window
 * changed meanwhile is not undone: the change is made again on that.
 */
export class Keeper {
  /** What is not with the server yet. */
  readonly pending = new Store<Readonly<Record<string, readonly Change[]>>>({});
  private readonly sending = new Set<string>();

  constructor(private readonly ports: KeeperPorts) {}

  change(name: string, change: Change): void {
    this.wait(name, [...this.waiting(name), change]);
    void this.send(name);
  }

  private async send(name: string): Promise<void> {
    if (this.sending.has(name)) return;
    this.sending.add(name);
    try {
      for (let changes = this.waiting(name); changes.length > 0; changes = this.waiting(name)) {
        const now = await this.make(name, changes);
        this.ports.kept(name, now);
        this.wait(name, this.waiting(name).slice(changes.length));
      }
    } catch (error) {
      this.wait(name, []);
      this.ports.failed(name, error);
    } finally {
      this.sending.delete(name);
    }
  }

  private async make(name: string, changes: readonly Change[]): Promise<Kept> {
    for (let attempt = 1; ; attempt++) {
      const known = attempt === 1 ? this.ports.known() : undefined;
      const base = (known ?? (await this.ports.read()))[name];
      const value = applied(changes, base?.value);
      try {
        return { value, version: await this.ports.write(name, value, base?.version ?? 0) };
      } catch (error) {
        if (!this.ports.isConflict(error) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private waiting(name: string): readonly Change[] {
    return this.pending.get()[name] ?? [];
  }

  private wait(name: string, changes: readonly Change[]): void {
    this.pending.set({ ...this.pending.get(), [name]: changes });
  }
}

export function applied(changes: readonly Change[], value: unknown): unknown {
  return changes.reduce((now, change) => change(now), value);
}
