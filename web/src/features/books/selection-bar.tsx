import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";

/** What can be done to the chosen rows; there as long as any are chosen. */
export function SelectionBar({
  count,
  onClear,
  children,
}: {
  count: number;
  onClear: () => void;
  children: ReactNode;
}) {
  if (count === 0) return null;
  return (
    <fieldset className="flex flex-wrap items-center gap-2 border-b border-line bg-accent/8 px-3 py-1.5">
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
