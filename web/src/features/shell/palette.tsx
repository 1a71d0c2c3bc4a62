import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Moon, OctagonX, Search, Sun, SunMoon } from "lucide-react";
import { useEffect, useState } from "react";
import { chooseTheme } from "@/app/theme";
import { Kbd } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { askToRelease, askToStop, useKillSwitch } from "../risk/kill-switch";
import { GROUPS, PAGES } from "./pages";

const THEMES = [
  { theme: "light", title: "Light theme", Icon: Sun },
  { theme: "dark", title: "Dark theme", Icon: Moon },
  { theme: "system", title: "Theme of the system", Icon: SunMoon },
] as const;

const ITEM =
  "flex h-9 cursor-default items-center gap-2 rounded px-2 data-[selected=true]:bg-raised [&_svg]:size-4 [&_svg]:text-quiet";
const HEADING =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-quiet";

/** Ctrl+K: every page and command, by a few letters of its name. */
export function Palette() {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  const stopped = useKillSwitch() !== null;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen((was) => !was);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  const run = (action: () => void) => {
    setOpen(false);
    action();
  };
  return (
    <>
      <Button onClick={() => setOpen(true)} className="text-quiet max-lg:size-9 max-lg:px-0">
        <Search />
        <span className="max-lg:sr-only">Search</span>
        <Kbd className="max-lg:hidden">Ctrl K</Kbd>
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="Go to">
        <Command label="Pages and commands">
          <Command.Input
            placeholder="Page or command"
            className="h-10 w-full rounded-md border border-line bg-surface px-2.5"
          />
          <Command.List className="mt-2 max-h-80 overflow-y-auto">
            <Command.Empty className="p-3 text-quiet">Nothing of that name.</Command.Empty>
            {GROUPS.filter((group) => PAGES.some((page) => page.group === group)).map((group) => (
              <Command.Group key={group} heading={group} className={HEADING}>
                {PAGES.filter((page) => page.group === group).map(
                  ({ path, title, icon: Icon, words }) => (
                    <Command.Item
                      key={path}
                      value={title}
                      keywords={words.split(" ")}
                      onSelect={() => run(() => navigate({ to: path }))}
                      className={ITEM}
                    >
                      <Icon /> {title}
                    </Command.Item>
                  ),
                )}
              </Command.Group>
            ))}
            <Command.Group heading="Commands" className={HEADING}>
              <Command.Item
                value={stopped ? "Release the kill switch" : "Stop trading"}
                keywords={["kill", "switch", "panic", "halt", "emergency"]}
                onSelect={() => run(stopped ? askToRelease : askToStop)}
                className={ITEM}
              >
                <OctagonX /> {stopped ? "Release the kill switch" : "Stop trading (kill switch)"}
              </Command.Item>
            </Command.Group>
            <Command.Group heading="Appearance" className={HEADING}>
              {THEMES.map(({ theme, title, Icon }) => (
                <Command.Item
                  key={theme}
                  value={title}
                  onSelect={() => run(() => chooseTheme(theme))}
                  className={ITEM}
                >
                  <Icon /> {title}
                </Command.Item>
              ))}
            </Command.Group>
          </Command.List>
        </Command>
      </Dialog>
    </>
  );
}
