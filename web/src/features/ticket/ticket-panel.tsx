import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import type { AccountRow } from "@/client";
import { Button } from "@/components/ui/button";
import { useFocusReturn } from "@/components/ui/dialog";
import { cn } from "@/lib/cn";
import { PHONE } from "@/lib/media";

const WATCHED = "data-ticket";

/**
 * The ticket's sheet: at the right, beside the page, which stays usable; on a phone at the bottom,
 * over it. Its head says in colour and words what money it is about.
 */
export function TicketPanel({
  title,
  account,
  instrument,
  onClose,
  children,
}: {
  title: string;
  account: AccountRow | undefined;
  instrument: { symbol: string; exchange: string };
  onClose: () => void;
  children: ReactNode;
}) {
  const [modal] = useState(() => window.matchMedia(PHONE).matches);
  const { onOpenAutoFocus, onCloseAutoFocus } = useFocusReturn();
  // The page makes room for it (styles.css), and so do the notices.
  useEffect(() => {
    document.documentElement.setAttribute(WATCHED, "");
    return () => document.documentElement.removeAttribute(WATCHED);
  }, []);
  return (
    <Radix.Root open modal={modal} onOpenChange={(open) => open || onClose()}>
      <Radix.Portal>
        {modal && <Radix.Overlay className="fixed inset-0 z-30 bg-black/45" />}
        <Radix.Content
          aria-describedby={undefined}
          data-beside=""
          data-symbol={instrument.symbol}
          data-exchange={instrument.exchange}
          onOpenAutoFocus={(event) => {
            onOpenAutoFocus();
            // The form takes the focus, once it knows what it is about.
            event.preventDefault();
            if (event.target instanceof HTMLElement) event.target.focus();
          }}
          onCloseAutoFocus={onCloseAutoFocus}
          onInteractOutside={(event) => modal || event.preventDefault()}
          className={cn(
            "fixed z-30 flex flex-col overflow-hidden border-line bg-surface shadow-xl outline-none",
            "inset-x-0 bottom-0 max-h-[94dvh] rounded-t-xl border-t",
            "sm:inset-y-0 sm:right-0 sm:left-auto sm:max-h-none sm:w-(--ticket-width) sm:rounded-none sm:border-t-0 sm:border-l",
          )}
        >
          <Head title={title} account={account} />
          <div className="flex min-h-0 flex-1 flex-col">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Head({ title, account }: { title: string; account: AccountRow | undefined }) {
  const paper = account?.analyze_mode;
  return (
    <div
      className={cn(
        "flex shrink-0 items-center justify-between gap-2 py-1 pr-1 pl-3",
        paper === undefined && "bg-raised",
        paper === true && "bg-paper text-on-paper",
        paper === false && "bg-live text-on-live",
      )}
    >
      <Radix.Title className="min-w-0 truncate text-[13px] font-bold">
        {paper === undefined ? "" : paper ? "PAPER" : "REAL MONEY"}
        {account && <span className="font-medium"> · {account.name}</span>}
        <span className="sr-only"> · {title}</span>
      </Radix.Title>
      <Radix.Close asChild>
        <Button
          kind="ghost"
          size="icon"
          aria-label="Close the ticket"
          className="shrink-0 text-inherit hover:bg-black/15"
        >
          <X />
        </Button>
      </Radix.Close>
    </div>
  );
}
