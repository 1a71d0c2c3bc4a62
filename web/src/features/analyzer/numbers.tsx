import type { AnalyzerStatistics } from "@/client";
import { formatQuantity } from "@/lib/numbers";

const KINDS: Readonly<Record<string, string>> = {
  rate_limit: "too many at once",
  invalid_symbol: "unknown symbol",
  missing_quantity: "quantity missing",
  invalid_exchange: "wrong exchange",
  other: "other",
};

/** The last 24 hours, whatever days are shown below. */
export function Numbers({ stats }: { stats: AnalyzerStatistics }) {
  const kinds = Object.entries(stats.issues.by_type).filter(([, count]) => count > 0);
  const figures = [
    { title: "Calls in 24 hours", said: formatQuantity(stats.total_requests) },
    {
      title: "Refused",
      said: formatQuantity(stats.issues.total),
      note: kinds.map(([kind, count]) => `${count} ${KINDS[kind] ?? kind}`).join(", "),
    },
    { title: "Symbols", said: formatQuantity(stats.symbols.length), note: few(stats.symbols) },
    { title: "Sources", said: formatQuantity(stats.sources.length), note: few(stats.sources) },
  ];
  return (
    <dl className="mb-3 grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-4">
      {figures.map(({ title, said, note }) => (
        <div key={title} className="min-w-0 bg-surface px-3 py-2">
          <dt className="text-[13px] text-quiet">{title}</dt>
          <dd className="text-base font-semibold tabular-nums">{said}</dd>
          {note && (
            <dd className="truncate text-[13px] text-quiet" title={note}>
              {note}
            </dd>
          )}
        </div>
      ))}
    </dl>
  );
}

const FEW = 4;

function few(names: readonly string[]): string {
  const more = names.length - FEW;
  return names.slice(0, FEW).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
