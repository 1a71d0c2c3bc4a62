import { EllipsisVertical } from "lucide-react";
import { useRef } from "react";
import { Kbd } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from "@/components/ui/menu";
import { cn } from "@/lib/cn";
import { useInstrumentActions } from "./instrument-actions";
import type { Watched } from "./watch-list";

const KEYS: Readonly<Record<string, string>> = { Buy: "B", Sell: "S" };

/** The menu of a row: buy, sell and whatever else can be done with its instrument. */
export function InstrumentMenu({ symbol, exchange, className }: Watched & { className?: string }) {
  const actions = useInstrumentActions({ symbol, exchange });
  const chosen = useRef<(() => void) | null>(null);
  // Only once the menu is gone and the focus back on its button: the ticket shall keep it then.
  const runChosen = () => {
    const run = chosen.current;
    chosen.current = null;
    if (run) queueMicrotask(run);
  };
  return (
    <Menu modal={false}>
      <MenuTrigger asChild>
        <Button
          kind="ghost"
          size="small"
          className={cn("w-7 px-0 text-quiet", className)}
          aria-label={`Buy, sell and more: ${symbol}`}
        >
          <EllipsisVertical />
        </Button>
      </MenuTrigger>
      <MenuContent className="min-w-44" onCloseAutoFocus={runChosen}>
        <MenuLabel>
          {symbol} {exchange}
        </MenuLabel>
        {actions.map(({ title, Icon, run }) => (
          <MenuItem
            key={title}
            onSelect={() => {
              chosen.current = run;
            }}
          >
            <Icon /> {title}
            {KEYS[title] && <Kbd className="ml-auto">{KEYS[title]}</Kbd>}
          </MenuItem>
        ))}
      </MenuContent>
    </Menu>
  );
}
