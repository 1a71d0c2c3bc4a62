/** What the server remembers of the user, the same in every browser. */

import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { ApiError, call } from "@/api";
import { queryClient } from "@/app/queries";
import { preferences, setPreference } from "@/client";
import { toast } from "@/components/ui/toast";
import { applied, Keeper, type KeptByName } from "./keeper";
import { useStore } from "./store";

/** One choice, as a JSON document of its own. */
export interface Preference<T> {
  /** Lower case, at most 50 characters, such as `table.orderbook`. */
  name: string;
  title: string;
  /** What the server has, or what there is without a choice: for `undefined`, and for what an
   * older or newer version of the app may have left there. */
  read(value: unknown): T;
}

export const preferencesQuery = queryOptions({
  queryKey: ["preferences"],
  queryFn: async ({ signal }): Promise<KeptByName> =>
    (await call(() => preferences({ signal }))).data,
});

const titles = new Map<string, string>();

const keeper = new Keeper({
  known: () => queryClient.getQueryData(preferencesQuery.queryKey),
  read: () => queryClient.fetchQuery({ ...preferencesQuery, staleTime: 0 }),
  write: async (name, value, since) =>
    (await call(() => setPreference({ path: { name }, body: { value, since } }))).data.version,
  kept: (name, now) => {
    // An answer that is on its way does not know of it.
    void queryClient.cancelQueries({ queryKey: preferencesQuery.queryKey });
    queryClient.setQueryData(preferencesQuery.queryKey, (all) => ({ ...all, [name]: now }));
  },
  isConflict: (error) => error instanceof ApiError && error.code === "preference_changed",
  failed: (name, error) =>
    toast("bad", `${titles.get(name) ?? name}: not saved`, (error as Error).message),
});

export interface Chosen<T> {
  value: T;
  /** Whether the server has been asked; before that, `value` is what there is without a choice. */
  known: boolean;
  error: Error | null;
  /** Shown at once, and sent; another window's change is not undone by it. */
  change: (change: (now: T) => T) => void;
}

/** A choice of the user, and the way to change it. */
export function usePreference<T>(preference: Preference<T>): Chosen<T> {
  const { data, error } = useQuery(preferencesQuery, useQueryClient());
  const pending = useStore(keeper.pending)[preference.name];
  const kept = data?.[preference.name]?.value;
  const value = useMemo(
    () => preference.read(applied(pending ?? [], kept)),
    [preference, pending, kept],
  );
  const change = useCallback(
    (next: (now: T) => T) => changePreference(preference, next),
    [preference],
  );
  return { value, known: data !== undefined, error: data ? null : error, change };
}

export function changePreference<T>(preference: Preference<T>, change: (now: T) => T): void {
  titles.set(preference.name, preference.title);
  keeper.change(preference.name, (now) => change(preference.read(now)));
}
