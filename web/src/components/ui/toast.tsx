import { CircleCheck, Info, TriangleAlert, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Store, useStore } from "@/lib/store";

type Tone = "good" | "bad" | "plain";

interface Notice {
  id: number;
  tone: Tone;
  title: string;
  text?: ReactNode;
}

const SHOWN = 3;
const notices = new Store<readonly Notice[]>([]);
let nextId = 1;

/** Says something in passing. Errors stay until they are closed. */
export function toast(tone: Tone, title: string, text?: ReactNode): void {
  const notice = { id: nextId++, tone, title, text };
  notices.set([...notices.get(), notice].slice(-SHOWN));
}

function close(id: number): void {
  notices.set(notices.get().filter((notice) => notice.id !== id));
}

const LOOKS = {
  good: { Icon: CircleCheck, colour: "text-gain" },
  bad: { Icon: TriangleAlert, colour: "text-loss" },
  plain: { Icon: Info, colour: "text-accent" },
} as const;

export function Toaster() {
  return (
    <Radix.Provider swipeDirection="right">
      {useStore(notices).map(({ id, tone, title, text }) => {
        const { Icon, colour } = LOOKS[tone];
        return (
          <Radix.Root
            key={id}
            type={tone === "bad" ? "foreground" : "background"}
            duration={tone === "bad" ? Number.POSITIVE_INFINITY : 4000}
            onOpenChange={(open) => open || close(id)}
            className="grid grid-cols-[auto_1fr_auto] items-start gap-2 rounded-lg border border-line bg-surface p-3 shadow-lg"
          >
            <Icon aria-hidden className={cn("mt-0.5 size-4", colour)} />
            <div>
              <Radix.Title className="font-medium">{title}</Radix.Title>
              {text && <Radix.Description className="text-quiet">{text}</Radix.Description>}
            </div>
            <Radix.Close aria-label="Close" className="rounded p-0.5 text-quiet hover:text-ink">
              <X className="size-4" />
            </Radix.Close>
          </Radix.Root>
        );
      })}
      <Radix.Viewport className="fixed top-14 right-[calc(0.75rem+var(--beside))] z-50 grid w-[min(24rem,calc(100vw-1.5rem))] gap-2" />
    </Radix.Provider>
  );
}
