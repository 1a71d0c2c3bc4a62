import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call, csrf, session } from "@/api";
import { login } from "@/client";
import { TextField } from "@/components/ui/field";
import { Form } from "@/components/ui/form";

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
  return (
    <Form attempt={attempt} verb="Log in" size="large">
      <TextField
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        required
        readOnly={username !== undefined}
        autoFocus={username === undefined}
        value={name}
        onChange={setName}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus={username !== undefined}
        value={password}
        onChange={setPassword}
      />
    </Form>
  );
}
