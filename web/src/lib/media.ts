import { useSyncExternalStore } from "react";

export const PHONE = "(max-width: 639px)";
/** Fingers rather than a mouse. */
export const COARSE = "(pointer: coarse)";

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );
}
