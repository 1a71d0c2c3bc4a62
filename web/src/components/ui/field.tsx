import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "@/lib/cn";

const BOX =
  "w-full rounded-md border border-line bg-surface px-2.5 text-ink placeholder:text-quiet/80 disabled:opacity-60 aria-invalid:border-loss";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={cn(BOX, "h-9", className)} {...rest} />;
}

/** The browser's own list: the best one on a phone, and by keyboard. */
export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select className={cn(BOX, "h-9 pr-7", className)} {...rest} />;
}

export interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with it, in the server's words. */
  error?: string | undefined;
  children: (attributes: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean | undefined;
  }) => ReactNode;
  className?: string | undefined;
}

/** A label, an input, and what there is to say about it. */
export function Field({ label, hint, error, children, className }: FieldProps) {
  const id = useId();
  const described = error || hint ? `${id}-about` : undefined;
  return (
    <div className={cn("grid content-start gap-1", className)}>
      <label htmlFor={id} className="text-[13px] font-medium">
        {label}
      </label>
      {children({ id, "aria-describedby": described, "aria-invalid": error ? true : undefined })}
      {described && (
        <p id={described} className={cn("text-[13px]", error ? "text-loss" : "text-quiet")}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = Omit<FieldProps, "children"> &
  Omit<ComponentProps<"input">, "id" | "onChange"> & {
    value: string;
    onChange: (text: string) => void;
  };

/** A field for a line of text; the browser proposes nothing unless `autoComplete` says what it is. */
export function TextField({ label, hint, error, className, onChange, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} className={className}>
      {(attributes) => (
        <Input
          autoComplete="off"
          {...input}
          {...attributes}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}
