import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, session } from "@/api";
import { type DeviceRow, endSession, logoutEverywhere } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Confirm } from "@/components/ui/confirm";
import { Time } from "@/components/ui/figures";
import { ErrorState, SkeletonRows } from "@/components/ui/states";
import { toast } from "@/components/ui/toast";
import { deviceName } from "./device-name";
import { devicesQuery } from "./queries";

export function Devices() {
  const queryClient = useQueryClient();
  const [leaving, leave] = useState(false);
  const devices = useQuery(devicesQuery);
  const end = useMutation({
    mutationFn: (device: DeviceRow) =>
      call(() => endSession({ path: { session_id: Number(device.session_id) } })),
    onSuccess: () => toast("good", "That device is logged out"),
    onError: (error) => toast("bad", "The device is still logged in", error.message),
    onSettled: () => queryClient.invalidateQueries({ queryKey: devicesQuery.queryKey }),
  });
  const everywhere = useMutation({
    mutationFn: () => call(() => logoutEverywhere()),
    onSuccess: () => session.loggedOut(),
  });
  return (
    <Card
      title="Where you are logged in"
      bodyClassName="p-0"
      aside={
        <Button size="small" onClick={() => leave(true)}>
          Log out everywhere
        </Button>
      }
    >
      {devices.isPending && <SkeletonRows rows={3} />}
      {devices.isError && <ErrorState error={devices.error} onRetry={() => devices.refetch()} />}
      <ul>
        {devices.data?.sessions.map((device) => (
          <li
            key={device.session_id}
            className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-2.5 last:border-0"
          >
            <div className="min-w-0">
              <p className="flex flex-wrap items-center gap-1.5 font-medium">
                <span title={device.device_info}>{deviceName(device.device_info)}</span>
                {isHere(device, devices.data.current_session_id) && (
                  <Badge tone="accent">this device</Badge>
                )}
              </p>
              <p className="text-[13px] text-quiet">
                {device.ip_address} · since <Time value={device.login_time} /> · last seen{" "}
                <Time value={device.last_seen} />
              </p>
            </div>
            {!isHere(device, devices.data.current_session_id) && (
              <Button size="small" busy={end.isPending} onClick={() => end.mutate(device)}>
                Log out
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Confirm
        open={leaving}
        onOpenChange={leave}
        title="Log out on all devices?"
        verb="Log out everywhere"
        busy={everywhere.isPending}
        error={everywhere.error}
        onConfirm={() => everywhere.mutate()}
      >
        <p>This one, too. API keys, orders and strategies go on.</p>
      </Confirm>
    </Card>
  );
}

function isHere(device: DeviceRow, current: string): boolean {
  return device.session_id === current;
}
