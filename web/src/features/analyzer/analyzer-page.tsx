import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useMemo, useState } from "react";
import { call, downloadAddress } from "@/api";
import { analyzerData, type CallRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Snippet } from "@/components/ui/copy";
import { Sheet } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Time } from "@/components/ui/figures";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { type Column, DataTable } from "@/components/ui/table";
import { textColumn } from "@/components/ui/table-columns";
import { dateKey } from "@/lib/times";
import { useAccountKey } from "../accounts/queries";
import { type CallFilter, EVERYTHING, passes } from "./calls";
import { Clear } from "./clear";
import { Filters } from "./filters";
import { Numbers } from "./numbers";

const NO_CALLS: readonly CallRow[] = [];

export function AnalyzerPage() {
  const key = useAccountKey();
  const today = dateKey(new Date());
  const [from, setFrom] = useState(today);
  const [to, setTo] = useState(today);
  const [opened, open] = useState<CallRow | null>(null);
  const query = { start_date: from, end_date: to };
  const calls = useQuery({
    queryKey: [...key, "analyzer", from, to],
    queryFn: async ({ signal }) => (await call(() => analyzerData({ query, signal }))).data,
    placeholderData: keepPreviousData,
  });
  const all = calls.data?.requests ?? NO_CALLS;
  const [filter, setFilter] = useState<CallFilter>(EVERYTHING);
  const rows = useMemo(() => all.filter((row) => passes(row, filter)), [all, filter]);
  return (
    <>
      <PageHead
        title="Analyzer"
        aside={
          <>
            <Field label="From" className="grid-flow-col items-center gap-2">
              {(attributes) => (
                <Input
                  {...attributes}
                  type="date"
                  max={to}
                  value={from}
                  onChange={(event) => setFrom(event.target.value || today)}
                />
              )}
            </Field>
            <Field label="to" className="grid-flow-col items-center gap-2">
              {(attributes) => (
                <Input
                  {...attributes}
                  type="date"
                  min={from}
                  max={today}
                  value={to}
                  onChange={(event) => setTo(event.target.value || today)}
                />
              )}
            </Field>
            <Button asChild>
              <a href={downloadAddress(`/analyzer/export?${new URLSearchParams(query)}`)} download>
                <Download /> CSV
              </a>
            </Button>
            <Clear />
          </>
        }
      >
        Every order call on paper, with what was asked and what was answered.
      </PageHead>
      {calls.data && <Numbers stats={calls.data.stats} />}
      <Card
        title={`${rows.length} ${rows.length === 1 ? "call" : "calls"}`}
        bodyClassName="p-0"
        aside={<Filters calls={all} filter={filter} onChange={setFilter} />}
      >
        {calls.isPending && <SkeletonRows />}
        {calls.isError && <ErrorState error={calls.error} onRetry={() => calls.refetch()} />}
        {calls.isSuccess && (
          <DataTable
            caption="Calls on paper"
            columns={columns(open)}
            rows={rows}
            rowKey={keyOf}
            initialSort={[{ id: "time", desc: true }]}
            empty={
              all.length > 0 ? (
                <EmptyState
                  title="No such calls"
                  action={<Button onClick={() => setFilter(EVERYTHING)}>Show all</Button>}
                />
              ) : (
                <EmptyState title="No calls on these days">
                  Orders that programs place on paper appear here with their answers.
                </EmptyState>
              )
            }
            card={(row) => (
              <button
                type="button"
                onClick={() => open(row)}
                className="grid w-full gap-1 text-left"
              >
                <span className="flex justify-between gap-2">
                  <span className="font-medium">
                    {text(row.action)} {text(row.symbol)}
                  </span>
                  <Outcome row={row} />
                </span>
                <span className="flex justify-between gap-2 text-[13px] text-quiet">
                  <span>
                    {row.api_type} · {row.source}
                  </span>
                  <Time value={row.timestamp} />
                </span>
              </button>
            )}
          />
        )}
      </Card>
      <Sheet
        open={opened !== null}
        onOpenChange={() => open(null)}
        title={opened?.api_type ?? ""}
        description={opened ? `Request ${opened.request_id}` : undefined}
        className="max-w-xl"
      >
        {opened && (
          <>
            <Snippet label="Asked" text={JSON.stringify(opened.request_data, null, 2)} />
            <Snippet label="Answered" text={JSON.stringify(opened.response_data, null, 2)} />
          </>
        )}
      </Sheet>
    </>
  );
}

function columns(open: (row: CallRow) => void): Column<CallRow>[] {
  return [
    {
      id: "time",
      title: "Time",
      sortBy: (row) => row.timestamp,
      cell: (row) => <Time value={row.timestamp} />,
    },
    textColumn("call", "Call", (row) => row.api_type),
    textColumn("source", "Source", (row) => row.source),
    {
      id: "symbol",
      title: "Symbol",
      sortBy: (row) => text(row.symbol),
      cell: (row) => (
        <>
          {text(row.symbol)} <span className="text-xs text-quiet">{text(row.exchange)}</span>
        </>
      ),
    },
    {
      id: "action",
      title: "Side",
      sortBy: (row) => text(row.action),
      cell: (row) => text(row.action),
    },
    { id: "quantity", title: "Qty", numeric: true, cell: (row) => text(row.quantity) },
    { id: "type", title: "Type", cell: (row) => text(row.price_type) },
    { id: "product", title: "Product", cell: (row) => text(row.product_type) },
    { id: "outcome", title: "Outcome", cell: (row) => <Outcome row={row} /> },
    {
      id: "open",
      title: "",
      cell: (row) => (
        <Button size="small" kind="ghost" onClick={() => open(row)}>
          Details
        </Button>
      ),
    },
  ];
}

function Outcome({ row }: { row: CallRow }) {
  if (!row.analysis.issues) return <Badge tone="gain">✓ accepted</Badge>;
  return (
    <Badge tone="loss" className="max-w-72 truncate" title={row.analysis.error ?? ""}>
      ✕ {row.analysis.error ?? "refused"}
    </Badge>
  );
}

function text(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}

function keyOf(row: CallRow): string {
  return `${row.request_id}:${row.timestamp}:${row.api_type}`;
}
