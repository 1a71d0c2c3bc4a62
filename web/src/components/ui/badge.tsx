import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const look = cva(
  "inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-xs font-medium whitespace-nowrap [&_svg]:size-3",
  {
    variants: {
      tone: {
        plain: "bg-raised text-ink",
        gain: "bg-gain/12 text-gain",
        loss: "bg-loss/12 text-loss",
        warn: "bg-warn-soft text-warn",
        accent: "bg-accent/12 text-accent",
        paper: "bg-paper text-on-paper",
        live: "bg-live text-on-live",
      },
    },
    defaultVariants: { tone: "plain" },
  },
);

export function Badge({
  tone,
  className,
  ...rest
}: ComponentProps<"span"> & VariantProps<typeof look>) {
  return <span className={cn(look({ tone }), className)} {...rest} />;
}

export function Kbd({ className, ...rest }: ComponentProps<"kbd">) {
  return (
    <kbd
      className={cn(
        "rounded border border-line bg-raised px-1 font-sans text-[11px] leading-4 text-quiet",
        className,
      )}
      {...rest}
    />
  );
}
