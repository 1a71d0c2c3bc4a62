import { Minus, Plus } from "lucide-react";
import { type KeyboardEvent, type ReactNode, type Ref, useId } from "react";
import { cn } from "@/lib/cn";

const LEAP = 10;

/** A number that steps: arrow keys one step, with Shift ten, and buttons for a finger. */
export function NumberField({
  label,
  value,
  onChange,
  onStep,
  hint,
  error,
  beside,
  placeholder,
  whole = false,
  disabled = false,
  inputRef,
  className,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  /** What the text becomes so many steps further. */
  onStep: (steps: number) => string;
  hint?: ReactNode;
  error?: string | undefined;
  /** Stands at the end of the label's line. */
  beside?: ReactNode;
  placeholder?: string;
  whole?: boolean;
  disabled?: boolean;
  inputRef?: Ref<HTMLInputElement>;
  className?: string;
}) {
  const id = useId();
  const described = error || hint ? `${id}-about` : undefined;
  const press = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    onChange(onStep((event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? LEAP : 1)));
  };
  const button = (steps: 1 | -1) => (
    <button
      type="button"
      tabIndex={-1}
      disabled={disabled}
      aria-label={`${label}: one step ${steps > 0 ? "up" : "down"}`}
      onClick={() => onChange(onStep(steps))}
      className="grid w-9 shrink-0 place-items-center text-quiet hover:bg-raised hover:text-ink disabled:pointer-events-none [&_svg]:size-3.5"
    >
      {steps > 0 ? <Plus /> : <Minus />}
    </button>
  );
  return (
    <div className={cn("grid min-w-0 content-start gap-1", className)}>
      <span className="flex items-baseline justify-between gap-2 text-[13px]">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {beside}
      </span>
      <div
        className={cn(
          "flex h-9 overflow-hidden rounded-md border border-line bg-surface focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent",
          error && "border-loss",
          disabled && "opacity-60",
        )}
      >
        {button(-1)}
        <input
          ref={inputRef}
          id={id}
          value={value}
          disabled={disabled}
          inputMode={whole ? "numeric" : "decimal"}
          autoComplete="off"
          placeholder={placeholder}
          aria-describedby={described}
          aria-invalid={error ? true : undefined}
          onChange={(event) => onChange(event.target.value)}
          onFocus={(event) => event.target.select()}
          onKeyDown={press}
          className="num w-full min-w-0 text-center outline-none placeholder:text-quiet/80"
        />
        {button(1)}
      </div>
      {described && (
        <p id={described} className={cn("text-xs", error ? "text-loss" : "text-quiet")}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}
