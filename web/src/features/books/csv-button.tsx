import { Download } from "lucide-react";
import { Button } from "@/components/ui/button";
import { saveFile, toCsv } from "@/lib/csv";
import { dateKey } from "@/lib/times";

/** What one row is in a file: heads in the order of the columns. */
export interface Csv<Row> {
  heads: readonly string[];
  cells: (row: Row) => readonly (string | number | null | undefined)[];
}

/** Saves the rows that are shown. */
export function CsvButton<Row>({
  name,
  csv,
  rows,
}: {
  name: string;
  csv: Csv<Row>;
  rows: readonly Row[];
}) {
  return (
    <Button
      disabled={rows.length === 0}
      onClick={() => saveFile(`${name}-${dateKey(new Date())}.csv`, csvOf(csv, rows))}
    >
      <Download /> CSV
    </Button>
  );
}

export function csvOf<Row>({ heads, cells }: Csv<Row>, rows: readonly Row[]): string {
  return toCsv([heads, ...rows.map((row) => cells(row).map((value) => value ?? null))]);
}
