import { saveChoice, savedChoice } from "@/lib/saved";
import { Store } from "@/lib/store";

export type Theme = "light" | "dark" | "system";

const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");

export const theme = new Store<Theme>(savedTheme());

export function chooseTheme(chosen: Theme): void {
  saveChoice("theme", chosen);
  theme.set(chosen);
  show();
}

/** Draws the page in the theme of the user, and follows their system where they said so. */
export function followTheme(): void {
  systemIsDark.addEventListener("change", show);
  show();
}

function show(): void {
  const chosen = theme.get();
  const dark = chosen === "dark" || (chosen === "system" && systemIsDark.matches);
  document.documentElement.classList.toggle("dark", dark);
}

function savedTheme(): Theme {
  const saved = savedChoice("theme");
  return saved === "light" || saved === "dark" ? saved : "system";
}
