import { Link } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError, sentenceOf } from "@/api";
import { Button } from "@/components/ui/button";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { type Column, DataTable, type Grouping, type Selection } from "@/components/ui/table";
import { formatTime } from "@/lib/times";
import type { BookView } from "./view";

/** What TanStack Query tells of a question, as far as a book needs it. */
interface Asked {
  isPending: boolean;
  isError: boolean;
  error: Error | null;
  data: unknown;
  dataUpdatedAt: number;
  refetch: () => unknown;
}

/** The rows of a book, or why there are none. Rows that could not be read anew say so. */
export function Book<Row extends object>({
  asked,
  book,
  caption,
  rows,
  shown,
  columns,
  rowKey,
  card,
  instrument,
  selection,
  groups,
  nothing,
}: {
  asked: Asked;
  book: BookView;
  caption: string;
  /** All rows there are. */
  rows: readonly Row[];
  /** Those that the filters let through. */
  shown: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  card: (row: Row) => ReactNode;
  instrument: (row: Row) => { symbol: string; exchange: string };
  selection?: Selection<Row>;
  groups?: Grouping<Row> | undefined;
  /** What to say, and to do, where there is not one row. */
  nothing: ReactNode;
}) {
  if (asked.isPending) return <SkeletonRows />;
  if (asked.data === undefined) {
    return (
      <>
        <ErrorState error={asked.error} onRetry={() => asked.refetch()} />
        <WayOut error={asked.error} />
      </>
    );
  }
  return (
    <>
      {asked.isError && (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warn-soft px-3 py-1.5 text-warn"
        >
          <span>
            As of {formatTime(asked.dataUpdatedAt)}; since then: {sentenceOf(asked.error)}
          </span>
          <Button size="small" onClick={() => asked.refetch()}>
            <RotateCw /> Try again
          </Button>
        </div>
      )}
      <DataTable
        caption={caption}
        columns={columns}
        rows={shown}
        rowKey={rowKey}
        card={card}
        instrument={instrument}
        sort={book.view.sort}
        onSort={(sort) => book.change({ sort })}
        hidden={book.view.hidden}
        selection={selection}
        groups={groups}
        empty={
          rows.length === 0 ? (
            nothing
          ) : (
            <EmptyState
              title="Nothing like that"
              action={<Button onClick={book.showAll}>Show all {rows.length}</Button>}
            >
              The filters leave none of them.
            </EmptyState>
          )
        }
      />
    </>
  );
}

function WayOut({ error }: { error: Error | null }) {
  if (!(error instanceof ApiError) || error.code !== "broker_session") return null;
  return (
    <p className="pb-6 text-center">
      <Link to="/accounts" className="text-accent underline">
        Connect the account to its broker
      </Link>
    </p>
  );
}
