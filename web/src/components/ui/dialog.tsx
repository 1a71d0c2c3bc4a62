import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { cn } from "@/lib/cn";
import { Button } from "./button";

const FIELD = "input:enabled, textarea:enabled, select:enabled";
const VEIL = "fixed inset-0 z-40 bg-black/45";

interface PanelProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Without it, only what is inside can close the panel. */
  closable?: boolean;
}

/** After closing, back to where the user was: Radix knows only of triggers of its own. */
export function useFocusReturn() {
  const before = useRef<Element | null>(null);
  return {
    onOpenAutoFocus: () => {
      before.current = document.activeElement;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      // Whatever opened meanwhile has the focus by right.
      if (document.activeElement !== document.body) return;
      if (before.current instanceof HTMLElement) before.current.focus();
    },
  };
}

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  className,
  closable = true,
}: PanelProps) {
  const focus = useFocusReturn();
  const begin = (event: Event) => {
    focus.onOpenAutoFocus();
    // Who is asked something answers at once; without a question Radix takes the way out.
    const field = (event.target as HTMLElement).querySelector<HTMLElement>(FIELD);
    if (field === null) return;
    event.preventDefault();
    field.focus();
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={VEIL} />
        <Radix.Content
          {...focus}
          onOpenAutoFocus={begin}
          className={cn(
            "fixed inset-x-3 top-[8dvh] z-50 mx-auto grid max-h-[84dvh] max-w-lg gap-3 overflow-y-auto rounded-lg border border-line bg-surface p-5 shadow-xl",
            className,
          )}
          {...(description ? {} : { "aria-describedby": undefined })}
          onEscapeKeyDown={(event) => closable || event.preventDefault()}
          onInteractOutside={(event) => closable || event.preventDefault()}
        >
          <PanelHead title={title} description={description} closable={closable} />
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A panel from the side of the screen. */
export function Sheet({ open, onOpenChange, title, description, children, className }: PanelProps) {
  const focus = useFocusReturn();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={VEIL} />
        <Radix.Content
          {...focus}
          className={cn(
            "fixed inset-y-0 right-0 z-50 flex w-full max-w-md flex-col gap-3 overflow-y-auto border-l border-line bg-surface p-5 shadow-xl",
            className,
          )}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <PanelHead title={title} description={description} closable />
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function PanelHead({
  title,
  description,
  closable,
}: {
  title: ReactNode;
  description: ReactNode;
  closable: boolean;
}) {
  return (
    <div className="flex items-start justify-between gap-3">
      <div className="grid gap-1">
        <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
        {description && <Radix.Description className="text-quiet">{description}</Radix.Description>}
      </div>
      {closable && (
        <Radix.Close asChild>
          <Button kind="ghost" size="icon" aria-label="Close" className="-mt-1.5 -mr-2">
            <X />
          </Button>
        </Radix.Close>
      )}
    </div>
  );
}
