/**
 * The basket of the account the user looks at. It outlives a reload, and is the same in all tabs.
 *
 * What was sent is written down before it leaves: an order whose answer never came must not look as if
 * it had never been sent.
 */

import { saveChoice, savedChoice } from "@/lib/saved";
import { Store } from "@/lib/store";
import { type Leg, legOf, type NewLeg, readLegs } from "./legs";
import type { Fate, LegOrder } from "./orders";

/** A basket on its way, or one that nobody knows the outcome of. */
export interface Attempt {
  /** A repeat under this id never sends anything twice. */
  id: string;
  orders: readonly LegOrder[];
  /** Milliseconds since 1970. */
  at: number;
  paper: boolean;
  /** Whether this tab still waits for the answer. Never true after a reload. */
  sending: boolean;
}

export interface Basket {
  legs: readonly Leg[];
  attempt: Attempt | null;
}

/** What became of the last basket, leg by leg. */
export interface Outcome {
  legs: readonly { leg: Pick<Leg, "symbol" | "action">; fate: Fate }[];
  paper: boolean;
}

const EMPTY: Basket = { legs: [], attempt: null };

export const basket = new Store<Basket>(EMPTY);
/** Until it is closed, or the basket of another account is shown. */
export const outcome = new Store<Outcome | null>(null);
export const basketIsOpen = new Store(false);

let owner: number | null = null;

/** The account of the basket that is shown. */
export function basketOwner(): number | null {
  return owner;
}

/** Shows the basket of `account`; returns how to stop following what other tabs do to it. */
export function showBasketOf(account: number): () => void {
  owner = account;
  outcome.set(null);
  basket.set(read(account));
  const follow = ({ key }: StorageEvent) => {
    if (key === `openalgo.${nameOf(account)}`) basket.set(read(account));
  };
  window.addEventListener("storage", follow);
  return () => window.removeEventListener("storage", follow);
}

/** Adds legs to the basket. Nothing is sent before the user says so there. */
export function addToBasket(...wanted: readonly NewLeg[]): void {
  changeLegs((legs) => [...legs, ...wanted.map(legOf)]);
}

export function changeLegs(change: (legs: readonly Leg[]) => readonly Leg[]): void {
  if (owner !== null) {
    changeBasket(owner, (was) => ({ ...was, legs: change(was.legs) }));
  }
}

/** Changes the basket of `account`, which may not be the one that is shown any more. */
export function changeBasket(account: number, change: (was: Basket) => Basket): void {
  const was = account === owner ? basket.get() : read(account);
  const next = change(was);
  if (account === owner) basket.set(next);
  const isEmpty = next.legs.length === 0 && next.attempt === null;
  saveChoice(nameOf(account), isEmpty ? null : JSON.stringify(next));
}

function read(account: number): Basket {
  const saved = savedChoice(nameOf(account));
  if (saved === null) return EMPTY;
  try {
    const { legs, attempt } = JSON.parse(saved) as { legs?: unknown; attempt?: Attempt | null };
    return { legs: readLegs(legs), attempt: attempt ? { ...attempt, sending: false } : null };
  } catch {
    return EMPTY;
  }
}

function nameOf(account: number): string {
  return `basket.${account}`;
}
