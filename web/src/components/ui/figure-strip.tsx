import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Skeleton } from "./states";

/** The few figures a page is opened for, side by side. */
export function FigureStrip({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div
      className={cn(
        "grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line",
        className,
      )}
    >
      {children}
    </div>
  );
}

/** One of them; a placeholder as long as there is nothing to show. */
export function Figure({
  title,
  children,
  className,
  large = false,
}: {
  title: string;
  children: ReactNode;
  className?: string;
  large?: boolean;
}) {
  return (
    <div className={cn("grid gap-0.5 bg-surface px-3 py-2.5", className)}>
      <span className="text-[13px] text-quiet">{title}</span>
      <span className={cn("font-semibold", large ? "text-xl" : "text-base")}>
        {children || <Skeleton className="h-6 w-28" />}
      </span>
    </div>
  );
}
