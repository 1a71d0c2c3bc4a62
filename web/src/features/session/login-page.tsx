import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { session } from "@/api";
import { useStore } from "@/lib/store";
import { FrontDoor } from "./front-door";
import { LoginForm } from "./login-form";

export function LoginPage() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { next } = useSearch({ from: "/login" });
  const ended = useStore(session.phase) === "ended";
  const done = async () => {
    await queryClient.invalidateQueries();
    await navigate({ href: next ?? "/dashboard" });
  };
  return (
    <FrontDoor title="Log in">
      {ended && <p className="text-quiet">You are logged out. Orders and strategies go on.</p>}
      <LoginForm onDone={done} />
    </FrontDoor>
  );
}
