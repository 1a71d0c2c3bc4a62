import { Store } from "@/lib/store";
import type { Answer, Wanted } from "./request";

/** A request that was sent in this visit, and what came of it. No key is kept with it. */
export interface Sent {
  number: number;
  wanted: Wanted;
  answer: Answer;
  /** Epoch milliseconds. */
  at: number;
}

const KEPT = 30;

/** Newest first; gone with the page. */
export const visits = new Store<readonly Sent[]>([]);
let next = 1;

export function keep(wanted: Wanted, answer: Answer): void {
  visits.set([{ number: next++, wanted, answer, at: Date.now() }, ...visits.get()].slice(0, KEPT));
}
