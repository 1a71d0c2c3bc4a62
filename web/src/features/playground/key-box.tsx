import { useMutation } from "@tanstack/react-query";
import { Eye, EyeOff, KeyRound, X } from "lucide-react";
import { useState } from "react";
import { call } from "@/api";
import { apiKey } from "@/client";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";

/** The key that requests are sent with: it lives as long as this page is open, nowhere else. */
export function KeyBox({ value, onChange }: { value: string; onChange: (key: string) => void }) {
  const [shown, show] = useState(false);
  const fetched = useMutation({
    mutationFn: async () => (await call(() => apiKey())).api_key,
    gcTime: 0,
    onSuccess: (key) => {
      if (key === null) toast("bad", "You have no default key", "Make one on the page API Key.");
      else onChange(key);
    },
    onError: (error) => toast("bad", "Your key was not fetched", error.message),
  });
  return (
    <div className="mb-3 flex flex-wrap items-end gap-2 rounded-lg border border-line bg-surface p-3">
      <Field
        label="API key"
        className="min-w-0 flex-1 basis-64"
        hint="Kept on this page only, and forgotten when you leave it."
      >
        {(attributes) => (
          <Input
            {...attributes}
            type={shown ? "text" : "password"}
            autoComplete="off"
            spellCheck={false}
            placeholder="Paste a key"
            className="font-mono text-[13px]"
            value={value}
            onChange={(event) => onChange(event.target.value.trim())}
          />
        )}
      </Field>
      <div className="flex sm:mb-6 flex-wrap gap-2">
        {value === "" ? (
          <Button
            busy={fetched.isPending}
            onClick={() => fetched.mutate(undefined, { onSettled: () => fetched.reset() })}
          >
            <KeyRound /> Use my default key
          </Button>
        ) : (
          <>
            <Button onClick={() => show(!shown)} aria-pressed={shown}>
              {shown ? <EyeOff /> : <Eye />} {shown ? "Hide" : "Show"}
            </Button>
            <Button onClick={() => onChange("")}>
              <X /> Forget
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
