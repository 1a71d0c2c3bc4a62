import type { Slot } from "radix-ui";
import { type ComponentProps, type ReactNode, useEffect } from "react";

let locks = 0;

/** Keep the page below from scrolling while mounted; dialogs and menus ask for it. */
export function RemoveScroll({
  as: As = "div",
  enabled = true,
  children,
  allowPinchZoom: _pinch,
  shards: _shards,
  ...rest
}: ComponentProps<"div"> & {
  as?: typeof Slot.Root | "div";
  enabled?: boolean;
  allowPinchZoom?: boolean;
  shards?: unknown;
  children?: ReactNode;
}) {
  useEffect(() => {
    if (!enabled) return;
    locks += 1;
    document.body.setAttribute("data-scroll-locked", "");
    return () => {
      locks -= 1;
      if (locks === 0) document.body.removeAttribute("data-scroll-locked");
    };
  }, [enabled]);
  return <As {...rest}>{children}</As>;
}
