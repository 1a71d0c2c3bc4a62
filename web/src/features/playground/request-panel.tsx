import { useMutation } from "@tanstack/react-query";
import { Braces, Send, X } from "lucide-react";
import { useRef, useState } from "react";
import { Badge, Kbd } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Confirm } from "@/components/ui/confirm";
import { CopyButton } from "@/components/ui/copy";
import { Field, TextField } from "@/components/ui/field";
import { EmptyState, ErrorLine } from "@/components/ui/states";
import type { Operation } from "./document";
import { ReplyPanel } from "./reply-panel";
import {
  type Answer,
  addressOf,
  asCurl,
  asSdk,
  formatted,
  problemOf,
  type Wanted,
} from "./request";
import { keep } from "./visits";
import { isLive, send } from "./wire";

/** One operation: what is sent, and what comes back. */
export function RequestPanel({
  operation,
  apiKey,
  first,
}: {
  operation: Operation;
  apiKey: string;
  /** Where the request begins, if it was sent before. */
  first: { wanted: Wanted; answer: Answer } | null;
}) {
  const [body, setBody] = useState(first?.wanted.body ?? operation.examples[0] ?? "");
  const [parameters, setParameters] = useState<Readonly<Record<string, string>>>(
    () =>
      first?.wanted.parameters ??
      Object.fromEntries(operation.parameters.map(({ name, first: value }) => [name, value])),
  );
  const [asking, ask] = useState(false);
  const aborter = useRef(new AbortController());
  const wanted: Wanted = { operation, body, parameters };
  const hasBody = operation.method !== "GET";
  const problem = hasBody ? problemOf(body) : null;
  const request = useMutation({
    mutationFn: async (confirmed: boolean) => {
      aborter.current = new AbortController();
      const { signal } = aborter.current;
      if (operation.trades && !confirmed && (await isLive(apiKey, signal))) return "ask" as const;
      const answer = await send(wanted, apiKey, signal);
      keep(wanted, answer);
      return answer;
    },
    onSuccess: (outcome) => ask(outcome === "ask"),
    onError: () => ask(false),
  });
  const answer =
    request.data === "ask" ? null : (request.data ?? (request.isIdle ? first?.answer : null));
  const ready = problem === null && !request.isPending;
  const origin = window.location.origin;
  const sdk = asSdk(origin, wanted);
  return (
    <div className="grid min-w-0 items-start gap-3 2xl:grid-cols-2">
      <Card
        title={
          <span className="flex flex-wrap items-center gap-2">
            {operation.title}
            {operation.trades && <Badge tone="warn">moves orders</Badge>}
          </span>
        }
      >
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (ready) request.mutate(false);
          }}
        >
          <p className="font-mono text-[13px] break-all">
            <span className="font-semibold text-accent">{operation.method}</span>{" "}
            {addressOf(wanted)}
          </p>
          {operation.description && (
            <p className="max-w-prose whitespace-pre-line text-quiet">{operation.description}</p>
          )}
          {operation.parameters.map((parameter) => (
            <TextField
              key={parameter.name}
              label={`${parameter.name}${parameter.required ? "" : " (optional)"}`}
              hint={parameter.description || undefined}
              spellCheck={false}
              value={parameters[parameter.name] ?? ""}
              onChange={(text) => setParameters({ ...parameters, [parameter.name]: text })}
            />
          ))}
          {hasBody && (
            <Field label="Body (JSON)" error={problem ?? undefined}>
              {(attributes) => (
                <textarea
                  {...attributes}
                  spellCheck={false}
                  rows={Math.min(20, Math.max(6, body.split("\n").length + 1))}
                  value={body}
                  onChange={(event) => setBody(event.target.value)}
                  onKeyDown={(event) => {
                    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && ready) {
                      event.preventDefault();
                      request.mutate(false);
                    }
                  }}
                  className="w-full rounded-md border border-line bg-surface p-2.5 font-mono text-[13px] leading-5 aria-invalid:border-loss"
                />
              )}
            </Field>
          )}
          <div className="flex flex-wrap items-center gap-2">
            {request.isPending ? (
              <Button onClick={() => aborter.current.abort()}>
                <X /> Stop waiting
              </Button>
            ) : (
              <Button type="submit" kind="primary" disabled={!ready}>
                <Send /> Send {hasBody && <Kbd className="max-sm:hidden">Ctrl ↵</Kbd>}
              </Button>
            )}
            {hasBody && (
              <Button disabled={problem !== null} onClick={() => setBody(formatted(body))}>
                <Braces /> Format
              </Button>
            )}
            {operation.examples.map((example, index) => (
              <Button
                key={example}
                kind="ghost"
                disabled={example === body}
                onClick={() => setBody(example)}
              >
                Example{operation.examples.length > 1 && ` ${index + 1}`}
              </Button>
            ))}
          </div>
          <div className="flex flex-wrap gap-2">
            <CopyButton text={asCurl(origin, wanted)} label="Copy as cURL" />
            {sdk !== null && <CopyButton text={sdk} label="Copy as Python" />}
          </div>
          <Fields operation={operation} />
        </form>
      </Card>
      <Card title="Reply">
        <ErrorLine error={request.error && sentenceFor(request.error)} />
        {answer ? (
          <ReplyPanel answer={answer} />
        ) : (
          !request.error && (
            <EmptyState title={request.isPending ? "Waiting for the reply" : "Nothing sent yet"}>
              {!request.isPending &&
                (apiKey === ""
                  ? "Most operations need a key: fetch or paste one above."
                  : "Press Send, or Ctrl and Enter in the body.")}
            </EmptyState>
          )
        )}
      </Card>
      <Confirm
        open={asking}
        onOpenChange={ask}
        title={`${operation.title}, with real money?`}
        verb="Send it live"
        kind="live"
        busy={request.isPending}
        onConfirm={() => request.mutate(true)}
      >
        <p>
          The account of this key trades live, or does not say. What is sent from here does there
          what it would do from a program.
        </p>
        <pre className="overflow-x-auto rounded-md border border-line p-3 font-mono text-[13px]">
          {body}
        </pre>
      </Confirm>
    </div>
  );
}

function Fields({ operation }: { operation: Operation }) {
  if (operation.fields.length === 0) return null;
  return (
    <details>
      <summary className="cursor-pointer font-medium">Fields {operation.fields.length}</summary>
      <dl className="mt-2 grid gap-2">
        {operation.fields.map((field) => (
          <div key={field.name}>
            <dt className="font-mono text-[13px] break-words">
              {field.name} <span className="text-quiet">{field.kind}</span>
              {field.required && <span className="text-warn"> required</span>}
            </dt>
            {field.description && <dd className="text-[13px] text-quiet">{field.description}</dd>}
          </div>
        ))}
      </dl>
    </details>
  );
}

function sentenceFor(error: Error): string {
  return error.name === "AbortError"
    ? "You stopped waiting. What was sent may have been carried out."
    : "The server did not answer. Is it running, and are you online?";
}
