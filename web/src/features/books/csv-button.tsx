import { Download } from "lucide-react";
import { Button } from "@/components/ui/button";
import { saveFile, toCsv } from "@/lib/csv";
import { dateKey } from "@/lib/times";

/** The columns of a file by their heads, in this order. */
export type Csv<Row> = Readonly<Record<string, (row: Row) => string | number | null | undefined>>;

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

export function csvOf<Row>(csv: Csv<Row>, rows: readonly Row[]): string {
  const columns = Object.values(csv);
  return toCsv([Object.keys(csv), ...rows.map((row) => columns.map((of) => of(row) ?? null))]);
}
