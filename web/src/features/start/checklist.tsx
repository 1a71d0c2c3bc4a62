import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Circle, CircleCheck, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { saveChoice, savedChoice } from "@/lib/saved";
import { needsLogin, useAccount, useAccountKey } from "../accounts/queries";
import { Reconnect } from "../accounts/reconnect";
import { keysQuery } from "../keys/queries";
import { paperQuery } from "../paper/queries";
import { devicesQuery } from "../profile/queries";
import { askForOrder } from "../ticket/ask";

const DISMISSED = "first-steps";
const FIRST_ORDER = { symbol: "SBIN", exchange: "NSE", action: "BUY", quantity: 1 } as const;

interface Step {
  title: string;
  /** `null` while the server has not said. */
  done: boolean | null;
  /** What the server knows of it. */
  told: ReactNode;
  action: ReactNode;
}

/**
 * The way to a first order, each step as the server sees it. Gone once it was put away, and where
 * money is real already.
 */
export function Checklist() {
  const account = useAccount();
  const [gone, setGone] = useState(() => savedChoice(DISMISSED) !== null);
  if (gone || account?.analyze_mode === false) return null;
  return (
    <Steps
      onDismiss={() => {
        saveChoice(DISMISSED, "done");
        setGone(true);
      }}
    />
  );
}

function Steps({ onDismiss }: { onDismiss: () => void }) {
  const steps = useSteps();
  const [seenUndone, see] = useState(false);
  if (steps.some((step) => step.done === null)) return null;
  const left = steps.filter((step) => !step.done).length;
  // Who has done all of it before they came here needs no guide.
  if (left === 0 && !seenUndone) return null;
  if (left > 0 && !seenUndone) see(true);
  return (
    <Card
      title={left === 0 ? "All set" : "First steps"}
      aside={
        <Button size="small" kind="ghost" onClick={onDismiss}>
          <X /> {left === 0 ? "Close" : "I know my way"}
        </Button>
      }
    >
      <ol className="grid gap-3 md:grid-cols-2 xl:grid-cols-4">
        {steps.map((step) => (
          <li key={step.title} className="flex gap-2">
            {step.done ? (
              <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-gain" />
            ) : (
              <Circle aria-hidden className="mt-0.5 size-4 shrink-0 text-quiet" />
            )}
            <div className="grid content-start justify-items-start gap-1">
              <p className="font-medium">
                {step.title}
                <span className="sr-only">{step.done ? ": done" : ": to do"}</span>
              </p>
              <p className="text-[13px] text-quiet">{step.told}</p>
              {!step.done && step.action}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function useSteps(): Step[] {
  const account = useAccount();
  const [, id] = useAccountKey();
  const keys = useQuery(keysQuery);
  const devices = useQuery(devicesQuery);
  const paper = useQuery(paperQuery(id));
  const count = devices.data?.sessions.length ?? 0;
  return [
    {
      title: "Secure your account",
      done: devices.data ? true : null,
      told: (
        <>
          A password protects it, and {count === 1 ? "only this device is" : `${count} devices are`}{" "}
          logged in.{" "}
          <Link to="/profile" className="underline">
            Look at {count === 1 ? "it" : "them"}
          </Link>
        </>
      ),
      action: null,
    },
    {
      title: "Pick a market",
      done: account ? !needsLogin(account) : null,
      told: account?.simulated ? (
        <>
          The simulated exchange is ready at any hour.{" "}
          <Link to="/accounts" className="underline">
            Add a broker
          </Link>{" "}
          when you want one.
        </>
      ) : account && needsLogin(account) ? (
        `Log in to ${account.broker_name}, or go on with a simulated account.`
      ) : (
        `${account?.broker_name} is connected.`
      ),
      action: account && <Reconnect account={account} />,
    },
    {
      title: "Have an API key",
      done: keys.data ? keys.data.length > 0 : null,
      told: "Programs trade with it. The playground shows what they can ask.",
      action: (
        <Button asChild size="small">
          <Link to="/apikey">Make a key</Link>
        </Button>
      ),
    },
    {
      title: "Place a first paper order",
      done: paper.data ? paper.data.trades.length > 0 : null,
      told: "With simulated money: one share is enough.",
      action: (
        <Button size="small" kind="primary" onClick={() => askForOrder(FIRST_ORDER)}>
          Buy a share of SBIN
        </Button>
      ),
    },
  ];
}
