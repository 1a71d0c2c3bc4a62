import { useQuery, useQueryClient } from "@tanstack/react-query";
import { session } from "@/api";
import { Dialog } from "@/components/ui/dialog";
import { useStore } from "@/lib/store";
import { LoginForm } from "./login-form";
import { sessionQuery } from "./queries";

/** Over the page, where the session has ended: what was typed below stays there. */
export function SessionDialog() {
  const queryClient = useQueryClient();
  const expired = useStore(session.phase) === "expired";
  const { data } = useQuery({ ...sessionQuery, enabled: false });
  return (
    <Dialog
      open={expired}
      onOpenChange={() => {}}
      closable={false}
      title="Log in to go on"
      description="Your session has ended. What you typed is still here; nothing was sent."
      className="max-w-sm"
    >
      <LoginForm
        {...(data?.user ? { username: data.user } : {})}
        onDone={() => queryClient.invalidateQueries()}
      />
    </Dialog>
  );
}
