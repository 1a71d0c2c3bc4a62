import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, CircleCheck } from "lucide-react";
import { useState } from "react";
import { ApiError, call, csrf, session } from "@/api";
import { login, setup } from "@/client";
import { Button } from "@/components/ui/button";
import { CopyButton, Snippet } from "@/components/ui/copy";
import { TextField } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { EmptyState, ErrorState, Skeleton } from "@/components/ui/states";
import { Tab, TabPanel, Tabs, TabsList } from "@/components/ui/tabs";
import { FrontDoor } from "../session/front-door";
import { setupQuery } from "../session/queries";
import { curlOrder, sdkOrder } from "./first-order";
import { NewPassword } from "./new-password";
import { strengthOf } from "./password-rules";

export function SetupPage() {
  const [key, setKey] = useState<string | null>(null);
  const state = useQuery({ ...setupQuery, enabled: key === null });
  if (key !== null) return <Ready apiKey={key} />;
  if (state.isPending) {
    return (
      <FrontDoor title="Set up">
        <Skeleton className="h-40" />
      </FrontDoor>
    );
  }
  if (state.isError) {
    return (
      <FrontDoor title="Set up">
        <ErrorState error={state.error} onRetry={() => state.refetch()} />
      </FrontDoor>
    );
  }
  if (!state.data.needs_setup) {
    return (
      <FrontDoor title="Already set up">
        <EmptyState
          title="This server has its user"
          action={
            <Button asChild kind="primary">
              <Link to="/login">Log in</Link>
            </Button>
          }
        />
      </FrontDoor>
    );
  }
  return <UserForm onReady={setKey} />;
}

function UserForm({ onReady }: { onReady: (apiKey: string) => void }) {
  const queryClient = useQueryClient();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [token, setToken] = useState("");
  const attempt = useMutation({
    mutationFn: async () => {
      const made = await call(() =>
        setup({ body: { username, password, setup_token: token.trim() || null } }),
      );
      // The key is shown once: a login that fails now must not hide it.
      const opened = await call(() => login({ body: { username, password } })).catch(() => null);
      if (opened !== null) {
        session.loggedIn();
        csrf.set(opened.csrf_token);
      }
      return made;
    },
    onSuccess: async ({ api_key }) => {
      onReady(api_key);
      await queryClient.invalidateQueries();
    },
  });
  const problem = attempt.error instanceof ApiError ? attempt.error : null;
  const needsToken = problem?.code === "setup_not_allowed" || token !== "";
  return (
    <FrontDoor title="Make your user">
      <p className="text-quiet">
        One minute: you, a password, and a simulated exchange is yours. No broker, no email, no
        money.
      </p>
      <Form
        attempt={attempt}
        verb={
          <>
            Make my user <ArrowRight />
          </>
        }
        ready={username !== "" && strengthOf(password) > 0}
        size="large"
        className="gap-4"
      >
        <TextField
          label="User name"
          error={problem?.fields.username?.[0]}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          required
          autoFocus
          value={username}
          onChange={setUsername}
        />
        <NewPassword
          value={password}
          onChange={setPassword}
          error={problem?.fields.password?.[0]}
        />
        {needsToken && (
          <TextField
            label="Setup token"
            hint="You are not on the server's own machine: copy the token it printed at its start."
            spellCheck={false}
            value={token}
            onChange={setToken}
          />
        )}
      </Form>
    </FrontDoor>
  );
}

function Ready({ apiKey }: { apiKey: string }) {
  const origin = window.location.origin;
  return (
    <FrontDoor title="Your simulated exchange is ready">
      <p className="flex items-start gap-2">
        <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-gain" />
        <span>
          Indices, shares, futures and options, open at any hour, with paper money. Orders go to no
          broker until you connect one and switch to live.
        </span>
      </p>
      <section className="grid gap-2" aria-labelledby="your-key">
        <h2 id="your-key" className="font-semibold">
          Your API key
        </h2>
        <div className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-raised p-2">
          <code data-testid="api-key" className="min-w-0 flex-1 font-mono text-[13px] break-all">
            {apiKey}
          </code>
          <CopyButton text={apiKey} label="Copy key" />
        </div>
        <p className="text-[13px] text-quiet">
          Programs trade with it as you. Keep it as you keep a password.
        </p>
      </section>
      <section className="grid min-w-0 gap-2" aria-labelledby="first-order">
        <h2 id="first-order" className="font-semibold">
          Place your first order
        </h2>
        <Tabs defaultValue="curl" className="min-w-0">
          <TabsList>
            <Tab value="curl">curl</Tab>
            <Tab value="python">Python</Tab>
          </TabsList>
          <TabPanel value="curl" className="pt-2">
            <Snippet label="In a terminal" text={curlOrder(origin, apiKey)} />
          </TabPanel>
          <TabPanel value="python" className="pt-2">
            <Snippet label="first_order.py" text={sdkOrder(origin, apiKey)} />
          </TabPanel>
        </Tabs>
      </section>
      <Button asChild kind="primary" size="large">
        <Link to="/dashboard">
          Open the trading desk <ArrowRight />
        </Link>
      </Button>
    </FrontDoor>
  );
}
