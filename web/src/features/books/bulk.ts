import { ApiError, sentenceOf } from "@/api";

/** What became of one of several things. */
export interface Outcome {
  key: string;
  /** What it was done to. */
  title: string;
  good: boolean;
  text: string;
}

export type Report = (outcome: Outcome) => void;

interface Item {
  key: string;
  title: string;
}

/** How often one item is asked for again where the server says that it was too soon. */
const TRIES = 10;

/**
 * Does `act` to one item after the other, and reports each.
 *
 * What was refused for being too soon has not happened: it is asked again, once the server allows it. After
 * an answer that never came, or the end of the session, nothing more is asked.
 */
export async function oneByOne<T extends Item>(
  items: readonly T[],
  act: (item: T) => Promise<string>,
  report: Report,
  pause: (milliseconds: number) => Promise<void> = wait,
): Promise<void> {
  let stopped: string | null = null;
  for (const item of items) {
    const { key, title } = item;
    if (stopped !== null) {
      report({ key, title, good: false, text: stopped });
      continue;
    }
    try {
      report({ key, title, good: true, text: await patiently(() => act(item), pause) });
    } catch (error) {
      report({ key, title, good: false, text: sentenceOf(error) });
      if (endsAll(error)) stopped = "Not asked for, after that.";
    }
  }
}

async function patiently<T>(
  act: () => Promise<T>,
  pause: (milliseconds: number) => Promise<void>,
): Promise<T> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "rate_limited" || left <= 1) throw error;
      const seconds = Number(error.reply.retry_after);
      await pause(1000 * (seconds > 0 ? seconds : 1));
    }
  }
}

function endsAll(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.code === "session_expired");
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
