import { useSyncExternalStore } from "react";

const TOKENS = [
  "surface",
  "raised",
  "line",
  "ink",
  "quiet",
  "accent",
  "gain",
  "loss",
  "warn",
  "paper",
] as const;

export type Colours = Readonly<Record<(typeof TOKENS)[number], string>>;

let read: Colours | null = null;

/** The colours of the theme, as a canvas takes them; they change with the theme. */
export function useColours(): Colours {
  return useSyncExternalStore(follow, colours);
}

/** `colour`, written as `rgb(…)`, with `opacity`. */
export function faint(colour: string, opacity: number): string {
  return colour.replace("rgb(", "rgba(").replace(")", `, ${opacity})`);
}

function colours(): Colours {
  read ??= readTokens();
  return read;
}

function follow(listener: () => void): () => void {
  const observer = new MutationObserver(() => {
    read = null;
    listener();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}

/** A pixel in each colour tells it in numbers, however the style sheet spells it. */
function readTokens(): Colours {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [1, 1];
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const style = getComputedStyle(document.documentElement);
  const entries = TOKENS.map((token) => {
    if (brush === null) return [token, "rgb(128, 128, 128)"];
    brush.fillStyle = style.getPropertyValue(`--${token}`);
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
    return [token, `rgb(${red}, ${green}, ${blue})`];
  });
  return Object.fromEntries(entries);
}
