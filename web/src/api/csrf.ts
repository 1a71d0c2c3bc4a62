/** The token that proves that a page of ours asks. It belongs to the session's cookie. */
export class CsrfToken {
  private pending: Promise<string> | null = null;

  constructor(private readonly ask: () => Promise<string>) {}

  /** Asked for once; everybody who needs it meanwhile waits for the same answer. */
  get(): Promise<string> {
    if (this.pending === null) {
      const asked = this.ask();
      this.pending = asked;
      asked.catch(() => {
        if (this.pending === asked) this.pending = null;
      });
    }
    return this.pending;
  }

  /** A login hands out the token of its new session. */
  set(token: string): void {
    this.pending = Promise.resolve(token);
  }

  forget(): void {
    this.pending = null;
  }
}
