import { Pause, Play, Plug, Send, Trash2, Unplug } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Snippet } from "@/components/ui/copy";
import { Sheet } from "@/components/ui/dialog";
import { Field, Select, TextField } from "@/components/ui/field";
import { useStore } from "@/lib/store";
import { ConsoleLink } from "./console-link";
import { FrameList } from "./frame-list";
import { type Action, type Frame, type StreamMode, subscription } from "./frames";
import { formatted, problemOf } from "./request";

const PATH = "/ws";
const EXCHANGES = ["NSE", "NFO", "BSE", "BFO", "MCX", "CDS", "NSE_INDEX", "BSE_INDEX"];
const READY = [
  { title: "Order updates", text: '{"action": "subscribe_orders"}' },
  { title: "Broker", text: '{"action": "get_broker_info"}' },
  { title: "Ping", text: '{"action": "ping"}' },
  { title: "Unsubscribe all", text: '{"action": "unsubscribe_all"}' },
];

/** Speaks with the server's WebSocket by hand, and shows every frame. */
export function SocketConsole({ apiKey }: { apiKey: string }) {
  const [link] = useState(() => new ConsoleLink());
  const phase = useStore(link.phase);
  useEffect(() => () => link.disconnect(), [link]);
  const address = window.location.origin.replace("http", "ws") + PATH;
  const open = phase === "open";
  return (
    <div className="grid items-start gap-3 xl:grid-cols-[26rem_1fr]">
      <div className="grid gap-3">
        <Card
          title="Connection"
          aside={
            <Badge tone={open ? "gain" : "plain"} role="status">
              {open ? "✓ connected" : phase}
            </Badge>
          }
        >
          <p className="mb-3 font-mono text-[13px] break-all text-quiet">{address}</p>
          <div className="flex flex-wrap gap-2">
            {phase === "closed" ? (
              <Button kind="primary" onClick={() => link.connect(PATH)}>
                <Plug /> Connect
              </Button>
            ) : (
              <Button onClick={() => link.disconnect()}>
                <Unplug /> Disconnect
              </Button>
            )}
            <Button
              disabled={!open}
              onClick={() =>
                link.send(
                  JSON.stringify({
                    action: "authenticate",
                    ...(apiKey === "" ? {} : { api_key: apiKey }),
                  }),
                )
              }
            >
              Authenticate {apiKey === "" ? "by session" : "by key"}
            </Button>
          </div>
          <p className="mt-2 text-[13px] text-quiet">
            Authenticate within 15 seconds. Without a key above, the session of this browser will
            do.
          </p>
        </Card>
        <Card title="Subscribe">
          <SubscribeForm disabled={!open} onSend={(text) => link.send(text)} />
        </Card>
        <Card title="Raw message">
          <RawForm disabled={!open} onSend={(text) => link.send(text)} />
        </Card>
      </div>
      <Frames link={link} />
    </div>
  );
}

function SubscribeForm({
  disabled,
  onSend,
}: {
  disabled: boolean;
  onSend: (text: string) => void;
}) {
  const [names, setNames] = useState("SBIN");
  const [exchange, setExchange] = useState("NSE");
  const [mode, setMode] = useState<StreamMode>("Quote");
  const say = (action: Action) => onSend(subscription(action, names, exchange, mode));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    say("subscribe");
  };
  const unfit = disabled || names.trim() === "";
  return (
    <form onSubmit={submit} className="grid grid-cols-2 gap-3">
      <TextField
        label="Symbols"
        hint="Several with commas"
        className="col-span-2"
        spellCheck={false}
        value={names}
        onChange={setNames}
      />
      <Field label="Exchange">
        {(attributes) => (
          <Select
            {...attributes}
            value={exchange}
            onChange={(event) => setExchange(event.target.value)}
          >
            {EXCHANGES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Mode">
        {(attributes) => (
          <Select
            {...attributes}
            value={mode}
            onChange={(event) => setMode(event.target.value as StreamMode)}
          >
            <option>LTP</option>
            <option>Quote</option>
            <option>Depth</option>
          </Select>
        )}
      </Field>
      <div className="col-span-2 flex flex-wrap gap-2">
        <Button type="submit" kind="primary" disabled={unfit}>
          Subscribe
        </Button>
        <Button disabled={unfit} onClick={() => say("unsubscribe")}>
          Unsubscribe
        </Button>
      </div>
    </form>
  );
}

function RawForm({ disabled, onSend }: { disabled: boolean; onSend: (text: string) => void }) {
  const [text, setText] = useState(READY[0]?.text ?? "");
  const problem = problemOf(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSend(text);
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <Field label="JSON" error={problem ?? undefined}>
        {(attributes) => (
          <textarea
            {...attributes}
            rows={4}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className="w-full rounded-md border border-line bg-surface p-2.5 font-mono text-[13px] leading-5 aria-invalid:border-loss"
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" disabled={disabled || problem !== null}>
          <Send /> Send
        </Button>
        {READY.map((each) => (
          <Button key={each.title} kind="ghost" size="small" onClick={() => setText(each.text)}>
            {each.title}
          </Button>
        ))}
      </div>
    </form>
  );
}

const TITLES = { in: "Received", out: "Sent", note: "Note" } as const;

function Frames({ link }: { link: ConsoleLink }) {
  const frames = useStore(link.frames);
  const paused = useStore(link.paused);
  const missed = useStore(link.missed);
  const [chosen, choose] = useState<Frame | null>(null);
  return (
    <Card
      title={`Frames ${frames.length}`}
      bodyClassName="p-0"
      aside={
        <span className="flex flex-wrap items-center gap-2">
          {paused && <span className="text-[13px] text-warn">{missed} passed by</span>}
          <Button size="small" aria-pressed={paused} onClick={() => link.pause(!paused)}>
            {paused ? <Play /> : <Pause />} {paused ? "Go on" : "Pause"}
          </Button>
          <Button size="small" onClick={() => link.clear()}>
            <Trash2 /> Clear
          </Button>
        </span>
      }
    >
      <FrameList frames={frames} onChoose={choose} />
      <Sheet
        open={chosen !== null}
        onOpenChange={() => choose(null)}
        title="A frame"
        className="max-w-xl"
      >
        {chosen && <Snippet label={TITLES[chosen.direction]} text={formatted(chosen.text)} />}
      </Sheet>
    </Card>
  );
}
