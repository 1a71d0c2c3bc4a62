import type { CallRow } from "@/client";

export interface CallFilter {
  /** Part of a symbol, an order id or a request id. */
  text: string;
  /** Empty for all. */
  call: string;
  source: string;
  outcome: "" | "accepted" | "refused";
}

export const EVERYTHING: CallFilter = { text: "", call: "", source: "", outcome: "" };

export function passes(row: CallRow, { text, call, source, outcome }: CallFilter): boolean {
  if (call !== "" && row.api_type !== call) return false;
  if (source !== "" && row.source !== source) return false;
  if (outcome !== "" && row.analysis.issues !== (outcome === "refused")) return false;
  const wanted = text.trim().toLowerCase();
  const told = [row.symbol, row.orderid, row.request_id, row.analysis.error];
  return (
    wanted === "" ||
    told.some((each) =>
      String(each ?? "")
        .toLowerCase()
        .includes(wanted),
    )
  );
}

/** The different values of a column, in order. */
export function valuesIn(rows: readonly CallRow[], column: "api_type" | "source"): string[] {
  return [...new Set(rows.map((row) => row[column]))].sort();
}
