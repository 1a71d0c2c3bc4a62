import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call, csrf, session } from "@/api";
import { login } from "@/client";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { ErrorLine } from "@/components/ui/states";

/** Logs in; `username` is given where only the session of somebody known has ended. */
export function LoginForm({ username, onDone }: { username?: string; onDone: () => void }) {
  const [password, setPassword] = useState("");
  const [name, setName] = useState(username ?? "");
  const attempt = useMutation({
    mutationFn: () => call(() => login({ body: { username: name, password } })),
    onSuccess: ({ csrf_token }) => {
      session.loggedIn();
      csrf.set(csrf_token);
      onDone();
    },
    onError: () => setPassword(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <Field label="User name">
        {(attributes) => (
          <Input
            {...attributes}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            required
            readOnly={username !== undefined}
            autoFocus={username === undefined}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="Password">
        {(attributes) => (
          <Input
            {...attributes}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            autoFocus={username !== undefined}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <ErrorLine error={attempt.error} />
      <Button type="submit" kind="primary" size="large" busy={attempt.isPending}>
        Log in
      </Button>
    </form>
  );
}
