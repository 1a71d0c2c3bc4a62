import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@/api";
import { type AccountRow, cancelallorder, kill, release } from "@/client";
import { Confirm } from "@/components/ui/confirm";
import { TextField } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { Store, useStore } from "@/lib/store";
import { useAccount, useAccountKey } from "../accounts/queries";
import { isOpen } from "../orders/order-rows";
import { ordersQuery } from "../orders/queries";
import { riskQuery } from "./queries";

type Question = "engage" | "release" | null;

const STRATEGY = "web";
const WORDS = { engage: "STOP", release: "RELEASE" } as const;
const question = new Store<Question>(null);

/** Asks, over whatever page is shown, whether the account should stop trading. */
export function askToStop(): void {
  question.set("engage");
}

export function askToRelease(): void {
  question.set("release");
}

/** The question of `askToStop` and `askToRelease`; stands in the shell. */
export function KillSwitchDialog() {
  const asked = useStore(question);
  const account = useAccount();
  if (asked === null || account === undefined) return null;
  return asked === "engage" ? <Engage account={account} /> : <Release account={account} />;
}

const close = () => question.set(null);

function Engage({ account }: { account: AccountRow }) {
  const queryClient = useQueryClient();
  const orders = useQuery(ordersQuery(useAccountKey()));
  const open = (orders.data?.data.orders ?? []).filter(isOpen).length;
  const [cancelling, setCancelling] = useState(false);
  const [word, setWord] = useState("");
  const real = !account.analyze_mode;
  const engage = useMutation({
    mutationFn: async () => {
      await call(() => kill());
      if (cancelling) await call(() => cancelallorder({ body: { strategy: STRATEGY } }));
    },
    onSuccess: close,
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: ["risk"] });
      void queryClient.invalidateQueries({ queryKey: ["of-account"] });
    },
  });
  return (
    <Confirm
      open
      onOpenChange={close}
      title={`Stop ${account.name} from trading?`}
      verb="Engage the kill switch"
      busy={engage.isPending}
      error={engage.error}
      disabled={real && word.trim().toUpperCase() !== WORDS.engage}
      onConfirm={() => engage.mutate()}
    >
      <ul className="list-disc pl-5">
        <li>
          Every order that opens or adds is refused, {real ? "live" : "on paper"} and from programs
          too, until you release the switch.
        </li>
        <li>Exits and cancellations go on working.</li>
        <li>
          Positions stay open, and orders and GTTs that work already may still fill.
          {open > 0 && ` ${open} ${open === 1 ? "order works" : "orders work"} now.`}
        </li>
      </ul>
      {open > 0 && (
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-(--accent)"
            checked={cancelling}
            onChange={(event) => setCancelling(event.target.checked)}
          />
          Cancel {open === 1 ? "it" : `all ${open}`} too
        </label>
      )}
      {real && <TypedWord word={WORDS.engage} value={word} onChange={setWord} />}
    </Confirm>
  );
}

function Release({ account }: { account: AccountRow }) {
  const queryClient = useQueryClient();
  const [word, setWord] = useState("");
  const real = !account.analyze_mode;
  const attempt = useMutation({
    mutationFn: () => call(() => release()),
    onSuccess: () => {
      close();
      toast("plain", `${account.name}: kill switch released`, "Orders are taken again.");
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["risk"] }),
  });
  return (
    <Confirm
      open
      onOpenChange={close}
      title={`Let ${account.name} trade again?`}
      verb="Release the kill switch"
      kind={real ? "live" : "primary"}
      busy={attempt.isPending}
      error={attempt.error}
      disabled={real && word.trim().toUpperCase() !== WORDS.release}
      onConfirm={() => attempt.mutate()}
    >
      <p>
        From now on orders are taken again, within your limits. Programs that still run may send
        theirs at once.
      </p>
      {real && <TypedWord word={WORDS.release} value={word} onChange={setWord} />}
    </Confirm>
  );
}

/** Where money is real, a slip of the finger should not do. */
function TypedWord({
  word,
  value,
  onChange,
}: {
  word: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <TextField
      label={`This is real money. Type ${word} to go on`}
      autoCapitalize="characters"
      spellCheck={false}
      value={value}
      onChange={onChange}
    />
  );
}

/** Who engaged the switch of the account, and when; `null` while it is released or unknown. */
export function useKillSwitch() {
  const account = useAccount();
  const { data } = useQuery({
    ...riskQuery(account?.id ?? null),
    enabled: account !== undefined,
  });
  return data?.kill_switch ?? null;
}
