import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const look = cva(
  "inline-flex items-center justify-center gap-1.5 rounded-md border border-transparent font-medium whitespace-nowrap transition-colors disabled:opacity-50 disabled:pointer-events-none [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      kind: {
        primary: "bg-accent text-on-accent hover:bg-accent/90",
        plain: "border-line bg-surface text-ink hover:bg-raised",
        ghost: "text-ink hover:bg-raised",
        danger: "bg-loss text-surface hover:bg-loss/90",
        paper: "bg-paper text-on-paper hover:bg-paper/90",
        live: "bg-live text-on-live hover:bg-live/90",
      },
      size: {
        normal: "h-9 px-3",
        small: "h-7 px-2 text-[13px]",
        icon: "size-9",
        large: "min-h-11 px-4 py-1 text-base leading-tight",
      },
    },
    defaultVariants: { kind: "plain", size: "normal" },
  },
);

export interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof look> {
  asChild?: boolean;
  /** Something is under way: it cannot be pressed again meanwhile. */
  busy?: boolean;
}

export function Button({
  className,
  kind,
  size,
  asChild = false,
  busy = false,
  disabled,
  type = "button",
  ...rest
}: ButtonProps) {
  const classes = cn(look({ kind, size }), className);
  if (asChild) return <Slot.Root className={classes} {...rest} />;
  return (
    <button
      type={type}
      className={classes}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...rest}
    />
  );
}
