import { Check, Dot } from "lucide-react";
import { Field, Input } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { passwordRules, strengthOf } from "./password-rules";

const WORDS = ["", "guessable", "fair", "good", "strong"] as const;
const COLOURS = ["", "bg-loss", "bg-warn", "bg-gain", "bg-gain"] as const;

/** A new password, with the rules as they come to be kept. */
export function NewPassword({
  label = "Password",
  value,
  onChange,
  error,
}: {
  label?: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
}) {
  const strength = strengthOf(value);
  return (
    <div className="grid gap-2">
      <Field label={label} error={error}>
        {(attributes) => (
          <Input
            {...attributes}
            name="new-password"
            type="password"
            autoComplete="new-password"
            required
            maxLength={128}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      <div className="flex items-center gap-2" aria-live="polite">
        <div className="grid flex-1 grid-cols-4 gap-1" aria-hidden>
          {[1, 2, 3, 4].map((step) => (
            <span
              key={step}
              className={cn("h-1 rounded", step <= strength ? COLOURS[strength] : "bg-line")}
            />
          ))}
        </div>
        <span className="w-20 text-right text-[13px] text-quiet">{WORDS[strength]}</span>
      </div>
      <ul className="grid gap-x-3 text-[13px] text-quiet sm:grid-cols-2">
        {passwordRules(value).map(({ text, kept }) => (
          <li key={text} className={cn("flex items-center gap-1", kept && "text-gain")}>
            {kept ? <Check className="size-3.5" /> : <Dot className="size-3.5" />}
            {text}
            <span className="sr-only">{kept ? " (kept)" : " (not yet)"}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
