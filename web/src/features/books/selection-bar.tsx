import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";

/**
 * What can be done to the chosen rows; seen as long as any are chosen.
 *
 * `children` stay, since they list what came of it when no row can be chosen any more.
 */
export function SelectionBar({
  count,
  onClear,
  children,
}: {
  count: number;
  onClear: () => void;
  children: ReactNode;
}) {
  return (
    <fieldset
      className={cn(
        "flex flex-wrap items-center gap-2 border-b border-line bg-chosen px-3 py-1.5",
        count === 0 && "hidden",
      )}
    >
      <legend className="sr-only">Chosen rows</legend>
      <span role="status" className="font-medium">
        {count} chosen
      </span>
      {children}
      <Button size="small" kind="ghost" onClick={onClear}>
        Choose none
      </Button>
    </fieldset>
  );
}
