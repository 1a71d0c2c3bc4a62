import { PageHead } from "@/components/ui/card";
import { ChangePassword } from "./change-password";
import { Devices } from "./devices";
import { KeptOfYou } from "./kept-of-you";

export function ProfilePage() {
  return (
    <>
      <PageHead title="Profile" />
      <div className="grid items-start gap-3 lg:grid-cols-[2fr_1fr]">
        <Devices />
        <div className="grid gap-3">
          <ChangePassword />
          <KeptOfYou />
        </div>
      </div>
    </>
  );
}
