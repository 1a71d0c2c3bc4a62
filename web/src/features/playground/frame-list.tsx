import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownLeft, ArrowUpRight, Info } from "lucide-react";
import { useEffect, useRef } from "react";
import { Time } from "@/components/ui/figures";
import { EmptyState } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import type { Frame } from "./frames";

const HEIGHT = 26;
const LOOKS = {
  in: { Icon: ArrowDownLeft, word: "received", colour: "text-gain" },
  out: { Icon: ArrowUpRight, word: "sent", colour: "text-accent" },
  note: { Icon: Info, word: "note", colour: "text-quiet" },
} as const;

/** The newest at the end; it stays there unless the user scrolls away. */
export function FrameList({
  frames,
  onChoose,
}: {
  frames: readonly Frame[];
  onChoose: (frame: Frame) => void;
}) {
  const scroller = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  const virtual = useVirtualizer({
    count: frames.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 10,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each new frame
  useEffect(() => {
    if (atEnd.current && scroller.current)
      scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [frames]);
  if (frames.length === 0) {
    return <EmptyState title="No frames yet">Connect, authenticate, subscribe.</EmptyState>;
  }
  return (
    <section
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      tabIndex={0}
      aria-label="Frames"
      className="h-[65dvh] overflow-y-auto"
      onScroll={({ currentTarget: place }) => {
        atEnd.current = place.scrollHeight - place.scrollTop - place.clientHeight < HEIGHT;
      }}
    >
      <ol className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const frame = frames[index];
          if (frame === undefined) return null;
          const { Icon, word, colour } = LOOKS[frame.direction];
          return (
            <li
              key={frame.number}
              className="absolute w-full"
              style={{ top: start, height: HEIGHT }}
            >
              <button
                type="button"
                onClick={() => onChoose(frame)}
                className="flex size-full items-center gap-2 px-3 font-mono text-xs whitespace-nowrap hover:bg-raised"
              >
                <Icon aria-hidden className={cn("size-3.5 shrink-0", colour)} />
                <span className="sr-only">{word}</span>
                <Time value={frame.at} className="text-quiet" />
                <span className="truncate">{frame.text}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
