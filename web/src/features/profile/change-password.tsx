import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, call, session } from "@/api";
import { changePassword } from "@/client";
import { Card } from "@/components/ui/card";
import { TextField } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { toast } from "@/components/ui/toast";
import { NewPassword } from "../setup/new-password";
import { strengthOf } from "../setup/password-rules";

export function ChangePassword() {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const attempt = useMutation({
    mutationFn: () =>
      call(() =>
        changePassword({
          body: { old_password: old, new_password: fresh, confirm_password: fresh },
        }),
      ),
    onSuccess: () => {
      toast("good", "Password changed", "Log in with the new one.");
      session.loggedOut();
    },
  });
  const fields = attempt.error instanceof ApiError ? attempt.error.fields : {};
  return (
    <Card title="Password">
      <Form
        attempt={attempt}
        verb="Change the password"
        ready={old !== "" && strengthOf(fresh) > 0}
      >
        <TextField
          label="Present password"
          error={fields.old_password?.[0]}
          type="password"
          autoComplete="current-password"
          required
          value={old}
          onChange={setOld}
        />
        <NewPassword
          label="New password"
          value={fresh}
          onChange={setFresh}
          error={fields.new_password?.[0]}
        />
        <p className="text-[13px] text-quiet">All devices are logged out then, this one too.</p>
      </Form>
    </Card>
  );
}
