import { useMemo, useState } from "react";
import type { Sorting } from "@/components/ui/table";
import { type Preference, usePreference } from "@/lib/preferences";

/** How the user likes to see a book. */
export interface View {
  sort: Sorting;
  /** Columns that are not shown. */
  hidden: readonly string[];
  /** What is chosen of each filter; nothing stands for all. */
  filters: Readonly<Record<string, string>>;
  /** What its rows are grouped by; nothing for no groups. */
  group?: string;
}

/** The view of the book `name`, as it was left in any browser; `text` is only of this visit. */
export function useView(name: string, usual: View) {
  const preference = useMemo<Preference<View>>(
    () => ({
      name: `table.${name}`,
      title: "How this table is shown",
      read: (value) => readView(value, usual),
    }),
    [name, usual],
  );
  const { value: view, change: changeBy } = usePreference(preference);
  const [text, setText] = useState("");
  const change = (part: Partial<View>) => changeBy((now) => ({ ...now, ...part }));
  return {
    view,
    text,
    setText,
    change,
    filter: (filter: string) => view.filters[filter] ?? "",
    setFilter: (filter: string, value: string) =>
      changeBy((now) => ({ ...now, filters: { ...now.filters, [filter]: value } })),
    /** Shows all rows again. */
    showAll: () => {
      setText("");
      change({ filters: usual.filters });
    },
    isUsual: () => text.trim() === "" && sameFilters(view.filters, usual.filters),
  };
}

export type BookView = ReturnType<typeof useView>;

/** What was kept, as far as it is a view; the usual one for the rest. */
export function readView(kept: unknown, usual: View): View {
  if (!isRecord(kept)) return usual;
  const { sort, hidden, filters, group } = kept;
  return {
    sort: Array.isArray(sort) && sort.every(isSorting) ? sort : usual.sort,
    hidden: Array.isArray(hidden) && hidden.every(isText) ? hidden : usual.hidden,
    filters:
      isRecord(filters) && Object.values(filters).every(isText)
        ? { ...usual.filters, ...(filters as Record<string, string>) }
        : usual.filters,
    ...(isText(group) && { group }),
  };
}

function sameFilters(one: View["filters"], other: View["filters"]): boolean {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every(
    (key) => (one[key] ?? "") === (other[key] ?? ""),
  );
}

function isSorting(value: unknown): value is Sorting[number] {
  return isRecord(value) && isText(value.id) && typeof value.desc === "boolean";
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
