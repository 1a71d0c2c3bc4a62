import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { BookOpen, KeyRound, LogOut, Moon, OctagonX, Sun, SunMoon, User } from "lucide-react";
import { call, session } from "@/api";
import { chooseTheme, type Theme, theme } from "@/app/theme";
import { logout } from "@/client";
import { Button } from "@/components/ui/button";
import {
  Menu,
  MenuCheckItem,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuTrigger,
} from "@/components/ui/menu";
import { toast } from "@/components/ui/toast";
import { usePreference } from "@/lib/preferences";
import { useStore } from "@/lib/store";
import { askToRelease, askToStop, useKillSwitch } from "../risk/kill-switch";
import { sessionQuery } from "../session/queries";
import { play, SOUNDS } from "./sounds";

const THEMES: readonly { value: Theme; title: string; Icon: typeof Sun }[] = [
  { value: "light", title: "Light", Icon: Sun },
  { value: "dark", title: "Dark", Icon: Moon },
  { value: "system", title: "As the system", Icon: SunMoon },
];

export function UserMenu() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const chosen = useStore(theme);
  const stopped = useKillSwitch() !== null;
  const sounds = usePreference(SOUNDS);
  const { data } = useQuery(sessionQuery);
  const leave = useMutation({
    mutationFn: () => call(() => logout()),
    onSuccess: async () => {
      session.loggedOut();
      queryClient.clear();
      await navigate({ to: "/login" });
    },
    onError: (error) => toast("bad", "You are still logged in", error.message),
  });
  const hear = (on: boolean) => {
    sounds.change(() => ({ on }));
    if (on) play("good");
  };
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button kind="ghost" size="icon" aria-label="You and the appearance">
          <User />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuLabel>{data?.user}</MenuLabel>
        <MenuItem asChild>
          <Link to="/profile">
            <User /> Profile and devices
          </Link>
        </MenuItem>
        <MenuItem asChild>
          <Link to="/apikey">
            <KeyRound /> API Key
          </Link>
        </MenuItem>
        <MenuItem asChild>
          <a href="/api/docs" target="_blank" rel="noreferrer">
            <BookOpen /> API documentation
          </a>
        </MenuItem>
        <MenuItem onSelect={stopped ? askToRelease : askToStop} className="text-loss">
          <OctagonX /> {stopped ? "Release the kill switch" : "Stop trading (kill switch)"}
        </MenuItem>
        <MenuSeparator />
        <MenuLabel>Theme</MenuLabel>
        <MenuRadioGroup value={chosen} onValueChange={(value) => chooseTheme(value as Theme)}>
          {THEMES.map(({ value, title, Icon }) => (
            <MenuRadioItem key={value} value={value} onSelect={(event) => event.preventDefault()}>
              <Icon /> {title}
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
        <MenuSeparator />
        <MenuCheckItem checked={sounds.value.on} onCheckedChange={hear}>
          Sounds for orders
        </MenuCheckItem>
        <MenuSeparator />
        <MenuItem onSelect={() => leave.mutate()}>
          <LogOut /> Log out
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
