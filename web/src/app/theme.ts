import { useEffect } from "react";
import { changePreference, type Preference, usePreference } from "@/lib/preferences";
import { saveChoice, savedChoice } from "@/lib/saved";
import { Store } from "@/lib/store";

export type Theme = "light" | "dark" | "system";

/** `null` where the user never chose. */
const APPEARANCE: Preference<{ theme: Theme | null }> = {
  name: "appearance",
  title: "Theme",
  read: (value) => ({
    theme: themeOf(typeof value === "object" && value !== null && "theme" in value && value.theme),
  }),
};

const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");

/** At first what this browser saw last: public/theme.js has drawn that already. */
export const theme = new Store<Theme>(themeOf(savedChoice("theme")) ?? "system");

export function chooseTheme(chosen: Theme): void {
  draw(chosen);
  changePreference(APPEARANCE, (now) => ({ ...now, theme: chosen }));
}

/** Draws the page in the theme of the user, and follows their system where they said so. */
export function followTheme(): void {
  systemIsDark.addEventListener("change", show);
  show();
}

/** Draws what the user chose, here or in another browser, once the server has said it. */
export function useChosenTheme(): void {
  const chosen = usePreference(APPEARANCE).value.theme;
  useEffect(() => {
    if (chosen !== null) draw(chosen);
  }, [chosen]);
}

function draw(chosen: Theme): void {
  saveChoice("theme", chosen);
  theme.set(chosen);
  show();
}

function show(): void {
  const chosen = theme.get();
  const dark = chosen === "dark" || (chosen === "system" && systemIsDark.matches);
  document.documentElement.classList.toggle("dark", dark);
}

function themeOf(value: unknown): Theme | null {
  return value === "light" || value === "dark" || value === "system" ? value : null;
}
