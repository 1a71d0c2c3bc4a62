import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";
import { cn } from "@/lib/cn";
import { useStore } from "@/lib/store";
import { events, type LinkState, ticks } from "@/live";

/** Whether prices and events come as they happen; says so in words while they do not. */
export function Connection() {
  const prices = useStore(ticks.state);
  const news = useStore(events.state);
  const trouble = useStore(ticks.trouble);
  const linked = prices.phase === "open" && news.phase === "open";
  const good = linked && trouble === null;
  const word = good
    ? "Live"
    : linked
      ? "No prices"
      : wordFor(news.phase === "open" ? prices : news);
  const coming = trouble === null ? sentenceFor(prices) : "none from the broker";
  const detail = `Prices: ${coming}. Order events: ${sentenceFor(news)}.`;
  return (
    <Tooltip text={linked ? detail : `${detail} Press to try now.`}>
      <Button kind="ghost" size="small" onClick={tryNow} aria-label={`${word}. ${detail}`}>
        <span
          aria-hidden
          className={cn("size-2 rounded-full", good ? "bg-gain" : "border-2 border-warn")}
        />
        <span
          role="status"
          className={cn(good ? "text-quiet max-xl:sr-only" : "text-warn max-sm:sr-only")}
        >
          {word}
        </span>
      </Button>
    </Tooltip>
  );
}

/** Does not wait for the next attempt. */
export function tryNow(): void {
  for (const feed of [events, ticks]) {
    feed.hurry();
    feed.start();
  }
}

function wordFor(state: LinkState): string {
  if (state.phase === "waiting") return "Reconnecting";
  if (state.phase === "refused") return "No live data";
  return state.phase === "off" ? "Off" : "Connecting";
}

function sentenceFor(state: LinkState): string {
  switch (state.phase) {
    case "open":
      return "live";
    case "connecting":
      return "connecting";
    case "waiting":
      return `lost, next attempt in ${state.seconds} s`;
    case "refused":
      return `refused (${state.reason})`;
    case "off":
      return "not connected";
  }
}
