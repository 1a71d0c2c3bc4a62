import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { ChevronLeft, Moon, OctagonX, Search, ShoppingCart, Sun, SunMoon } from "lucide-react";
import { type KeyboardEvent as Press, useEffect, useState } from "react";
import { chooseTheme } from "@/app/theme";
import { Kbd } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorLine } from "@/components/ui/states";
import { isBare, isBlocked, isTyping } from "@/lib/keys";
import { useInstrumentActions } from "../market/instrument-actions";
import { type Chosen, FoundInstrument, useFoundInstruments } from "../market/symbol-search";
import { askToRelease, askToStop, useKillSwitch } from "../risk/kill-switch";
import { askForInstrument } from "../ticket/ask";
import { GROUPS, PAGES } from "./pages";
import { matches } from "./palette-match";

const COMMANDS = [
  { title: "Light theme", words: "appearance", Icon: Sun, run: () => chooseTheme("light") },
  { title: "Dark theme", words: "appearance", Icon: Moon, run: () => chooseTheme("dark") },
  {
    title: "Theme of the system",
    words: "appearance",
    Icon: SunMoon,
    run: () => chooseTheme("system"),
  },
  {
    title: "New order",
    words: "buy sell ticket place",
    Icon: ShoppingCart,
    run: () => askForInstrument("BUY"),
  },
] as const;
const STOP = {
  title: "Stop trading (kill switch)",
  words: "panic halt emergency",
  Icon: OctagonX,
  run: askToStop,
};
const RELEASE = {
  title: "Release the kill switch",
  words: "trade again",
  Icon: OctagonX,
  run: askToRelease,
};
const INSTRUMENTS_SHOWN = 12;

const ITEM =
  "flex h-9 cursor-default items-center gap-2 rounded px-2 data-[selected=true]:bg-raised [&_svg]:size-4 [&_svg]:text-quiet";
const HEADING =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-quiet";
const INPUT = "h-10 w-full rounded-md border border-line bg-surface px-2.5";

/** Ctrl+K or `/`: every page, command and instrument, by a few letters of its name. */
export function Palette() {
  const [open, setOpen] = useState(false);
  const [chosen, choose] = useState<Chosen | null>(null);
  const show = (shown: boolean) => {
    setOpen(shown);
    choose(null);
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const combined = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
      const slash = event.key === "/" && isBare(event) && !isTyping(event.target) && !isBlocked();
      if (!combined && !slash) return;
      event.preventDefault();
      choose(null);
      setOpen((was) => slash || !was);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  return (
    <>
      <Button onClick={() => show(true)} className="text-quiet max-lg:size-9 max-lg:px-0">
        <Search />
        <span className="max-lg:sr-only">Search</span>
        <Kbd className="max-lg:hidden">Ctrl K</Kbd>
      </Button>
      <Dialog
        open={open}
        onOpenChange={show}
        title={chosen ? `${chosen.symbol} ${chosen.exchange}` : "Go to"}
      >
        {chosen ? (
          <Actions instrument={chosen} onBack={() => choose(null)} onDone={() => show(false)} />
        ) : (
          <Everything onChoose={choose} onDone={() => show(false)} />
        )}
      </Dialog>
    </>
  );
}

function Everything({
  onChoose,
  onDone,
}: {
  onChoose: (chosen: Chosen) => void;
  onDone: () => void;
}) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const found = useFoundInstruments(text, INSTRUMENTS_SHOWN);
  const run = (action: () => void) => {
    onDone();
    action();
  };
  const stopped = useKillSwitch() !== null;
  const commands = [...COMMANDS, stopped ? RELEASE : STOP].filter((command) =>
    matches(text, command),
  );
  return (
    <Command label="Pages, commands and instruments" shouldFilter={false}>
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="Page or command, or an instrument"
        className={INPUT}
      />
      <Command.List className="mt-2 max-h-80 overflow-y-auto">
        <Command.Empty className="p-3 text-quiet">
          {found.isFetching ? "Searching…" : "Nothing of that name."}
        </Command.Empty>
        {GROUPS.map((group) => {
          const pages = PAGES.filter((page) => page.group === group && matches(text, page));
          if (pages.length === 0) return null;
          return (
            <Command.Group key={group} heading={group} className={HEADING}>
              {pages.map(({ path, title, icon: Icon }) => (
                <Command.Item
                  key={path}
                  value={path}
                  onSelect={() => run(() => navigate({ to: path }))}
                  className={ITEM}
                >
                  <Icon /> {title}
                </Command.Item>
              ))}
            </Command.Group>
          );
        })}
        {found.rows.length > 0 && (
          <Command.Group heading="Instruments" className={HEADING}>
            {found.rows.map((row) => (
              <FoundInstrument
                key={`${row.exchange}:${row.symbol}`}
                {...row}
                onSelect={() => onChoose(row)}
              />
            ))}
          </Command.Group>
        )}
        {commands.length > 0 && (
          <Command.Group heading="Commands" className={HEADING}>
            {commands.map(({ title, Icon, run: action }) => (
              <Command.Item key={title} value={title} onSelect={() => run(action)} className={ITEM}>
                <Icon /> {title}
              </Command.Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
      <ErrorLine error={found.error} />
    </Command>
  );
}

/** What to do with the instrument that was found. */
function Actions({
  instrument,
  onBack,
  onDone,
}: {
  instrument: Chosen;
  onBack: () => void;
  onDone: () => void;
}) {
  const [text, setText] = useState("");
  const actions = useInstrumentActions(instrument);
  const back = (event: Press) => {
    if (event.key !== "Backspace" || text !== "") return;
    event.preventDefault();
    onBack();
  };
  return (
    <Command label={`What to do with ${instrument.symbol}`} shouldFilter={false} onKeyDown={back}>
      <div className="flex gap-1">
        <Button kind="ghost" size="icon" aria-label="Back to the search" onClick={onBack}>
          <ChevronLeft />
        </Button>
        <Command.Input
          autoFocus
          value={text}
          onValueChange={setText}
          placeholder="What to do with it"
          className={INPUT}
        />
      </div>
      <Command.List className="mt-2">
        <Command.Empty className="p-3 text-quiet">Nothing of that name.</Command.Empty>
        {actions
          .filter((action) => matches(text, { title: action.title, words: "" }))
          .map(({ title, Icon, run }) => (
            <Command.Item
              key={title}
              value={title}
              onSelect={() => {
                onDone();
                run();
              }}
              className={ITEM}
            >
              <Icon /> {title}
            </Command.Item>
          ))}
      </Command.List>
    </Command>
  );
}
