import type { FormEvent, ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Button, type ButtonProps } from "./button";
import { ErrorLine } from "./states";

/** Fields, what came of sending them, and the button that sends. */
export function Form({
  attempt,
  error = attempt.error,
  verb,
  ready = true,
  size,
  className,
  children,
}: {
  attempt: { mutate: () => void; isPending: boolean; error: unknown };
  /** Where more can fail than the attempt. */
  error?: unknown;
  /** What the button does, in its own words. */
  verb: ReactNode;
  /** Whether enough is said to be sent. */
  ready?: boolean;
  size?: ButtonProps["size"];
  className?: string;
  children: ReactNode;
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <form onSubmit={submit} className={cn("grid gap-3", className)}>
      {children}
      <ErrorLine error={error} />
      <Button type="submit" kind="primary" size={size} busy={attempt.isPending} disabled={!ready}>
        {verb}
      </Button>
    </form>
  );
}
