import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plug } from "lucide-react";
import { call } from "@/api";
import { type AccountRow, connectAccount } from "@/client";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { leaveFor } from "./coming-back";
import { brokersQuery } from "./queries";

/** Logs the account in again: at once at the broker's own page, else by the form of its broker. */
export function Reconnect({ account }: { account: AccountRow }) {
  const navigate = useNavigate();
  const { data } = useQuery(brokersQuery);
  const broker = data?.data.find((each) => each.id === account.broker);
  const connect = useMutation({
    mutationFn: () =>
      call(() => connectAccount({ path: { account_id: account.id }, body: { answers: {} } })),
    onSuccess: ({ redirect }) => redirect !== null && leaveFor(redirect),
    onError: (error) => {
      toast("bad", `${account.broker_name} was not connected`, error.message);
      void openForm();
    },
  });
  const openForm = () => navigate({ to: "/accounts", search: { connect: account.id } });
  const byRedirect =
    broker?.auth === "oauth" &&
    broker.app_fields.every((field) =>
      account.app.some((value) => value.name === field.name && value.length > 0),
    );
  const again = account.session.state === "expired";
  return (
    <Button
      size="small"
      busy={connect.isPending}
      onClick={() => (byRedirect ? connect.mutate() : openForm())}
    >
      <Plug /> {again ? "Reconnect" : "Connect"}
      <span className="max-sm:sr-only"> {account.broker_name}</span>
    </Button>
  );
}
