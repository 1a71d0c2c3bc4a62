import { Download } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy";
import { saveFile } from "@/lib/csv";
import { formatQuantity } from "@/lib/numbers";
import { type Answer, formatted } from "./request";

const SHOWN = 200_000;

/** Status, time, size, headers and body of a reply. */
export function ReplyPanel({ answer }: { answer: Answer }) {
  const text = formatted(answer.text);
  const good = answer.status < 400;
  return (
    <div className="grid gap-3">
      <p role="status" className="flex flex-wrap items-center gap-2">
        <Badge tone={good ? "gain" : "loss"}>
          {good ? "✓" : "✕"} {answer.status} {answer.statusText}
        </Badge>
        <span className="num text-quiet">
          {answer.milliseconds.toFixed(0)} ms · {formatQuantity(answer.bytes)} bytes
        </span>
        <span className="ml-auto flex gap-2">
          <CopyButton text={text} />
          <Button size="small" onClick={() => saveFile("reply.json", text, "application/json")}>
            <Download /> Save
          </Button>
        </span>
      </p>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        aria-label="Reply"
        className="max-h-[60dvh] min-h-24 overflow-auto rounded-md border border-line bg-raised/50 p-3"
      >
        <pre className="font-mono text-[13px] leading-5">
          {text.length > SHOWN ? text.slice(0, SHOWN) : text}
        </pre>
      </section>
      {text.length > SHOWN && (
        <p className="text-[13px] text-quiet">
          This is the beginning of it. Copying and saving take all of it.
        </p>
      )}
      <details>
        <summary className="cursor-pointer font-medium">Headers {answer.headers.length}</summary>
        <dl className="mt-2 grid gap-x-4 gap-y-1 font-mono text-xs sm:grid-cols-[auto_1fr]">
          {answer.headers.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-quiet">{name}</dt>
              <dd className="break-all">{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}
