import type { ReactNode } from "react";
import { Button, type ButtonProps } from "./button";
import { Dialog } from "./dialog";
import { ErrorLine } from "./states";

/** Asks before something that cannot be taken back; stays open until it is done. */
export function Confirm({
  open,
  onOpenChange,
  title,
  children,
  verb,
  kind = "danger",
  keep = "Keep as it is",
  busy,
  disabled = false,
  error,
  onConfirm,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  children: ReactNode;
  /** What the button does, in its own words. */
  verb: string;
  kind?: ButtonProps["kind"];
  /** What the other button does. */
  keep?: string;
  busy: boolean;
  /** Something is still to be said before it may be done. */
  disabled?: boolean;
  error?: unknown;
  onConfirm: () => void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title}>
      <div className="grid gap-2">{children}</div>
      <ErrorLine error={error} />
      <div className="flex justify-end gap-2">
        <Button onClick={() => onOpenChange(false)}>{keep}</Button>
        <Button kind={kind} busy={busy} disabled={disabled} onClick={onConfirm}>
          {verb}
        </Button>
      </div>
    </Dialog>
  );
}
