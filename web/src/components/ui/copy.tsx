import { Check, Copy as CopyIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { Button } from "./button";

const SAID_FOR = 2000;

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [said, say] = useState<"copied" | "failed" | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say("copied");
    } catch {
      say("failed"); // browsers allow it on secure pages only
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(() => say(null), SAID_FOR);
  };
  return (
    <Button size="small" onClick={copy}>
      {said === "copied" ? <Check /> : <CopyIcon />}
      <span aria-live="polite">
        {said === "copied" ? "Copied" : said === "failed" ? "Select it and press Ctrl+C" : label}
      </span>
    </Button>
  );
}

/** Something to copy into a terminal or a file. */
export function Snippet({
  text,
  label,
  className,
}: {
  text: string;
  label: string;
  className?: string;
}) {
  return (
    <figure className={cn("min-w-0 overflow-hidden rounded-md border border-line", className)}>
      <figcaption className="flex items-center justify-between gap-2 border-b border-line bg-raised px-3 py-1">
        <span className="text-[13px] font-medium text-quiet">{label}</span>
        <CopyButton text={text} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide listing has to be scrolled by keyboard */}
      <pre tabIndex={0} className="overflow-x-auto p-3 font-mono text-[13px] leading-5">
        {text}
      </pre>
    </figure>
  );
}
