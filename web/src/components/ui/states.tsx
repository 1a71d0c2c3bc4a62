import { Inbox, RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "@/api/errors";
import { cn } from "@/lib/cn";
import { Button } from "./button";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("h-5 animate-pulse rounded bg-raised", className)} />;
}

/** Rows that are on their way. */
export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="grid gap-2 p-3">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <Skeleton key={row} />
      ))}
    </div>
  );
}

/** Nothing here, and what to do about it. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="grid justify-items-center gap-2 px-4 py-10 text-center">
      <Inbox aria-hidden className="size-6 text-quiet" />
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-quiet">{children}</div>}
      {action}
    </div>
  );
}

/** What failed, what to do, and how to name it to somebody who can help. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div role="alert" className="grid justify-items-center gap-2 px-4 py-8 text-center">
      <TriangleAlert aria-hidden className="size-6 text-loss" />
      <p className="max-w-prose font-medium">{messageOf(error)}</p>
      <Reference error={error} />
      {onRetry && (
        <Button onClick={onRetry}>
          <RotateCw /> Try again
        </Button>
      )}
    </div>
  );
}

/** The same on one line, for forms; nothing without an error. */
export function ErrorLine({ error }: { error?: unknown }) {
  if (!error) return null;
  return (
    <div role="alert" className="rounded-md border border-loss/40 bg-loss/8 px-3 py-2">
      <p className="font-medium text-loss">{messageOf(error)}</p>
      <Reference error={error} />
    </div>
  );
}

function Reference({ error }: { error: unknown }) {
  if (!(error instanceof ApiError) || error.status === 0) return null;
  return (
    <p className="font-mono text-xs break-all text-quiet">
      {error.code}
      {error.requestId && ` · request ${error.requestId}`}
    </p>
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
