import { EllipsisVertical } from "lucide-react";
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
      <MenuContent className="min-w-44">
        <MenuLabel>
          {symbol} {exchange}
        </MenuLabel>
        {actions.map(({ title, Icon, run }) => (
          <MenuItem key={title} onSelect={run}>
            <Icon /> {title}
            {KEYS[title] && <Kbd className="ml-auto">{KEYS[title]}</Kbd>}
          </MenuItem>
        ))}
      </MenuContent>
    </Menu>
  );
}
