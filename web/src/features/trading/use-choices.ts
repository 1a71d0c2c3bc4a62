import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { call } from "@/api";
import { chartUpdate } from "@/client";
import { rememberedQuery } from "./queries";
import { type Choices, DEFAULTS, readChoices } from "./settings";

const NAME = "web.trading";
const SAVE_AFTER = 800;

/** What the charts remember, on the server: `null` until it is known. And how to let them. */
export function useRemembered(): [Choices | null, (next: Choices) => void] {
  const client = useQueryClient();
  const remembered = useQuery(rememberedQuery);
  const { mutate } = useMutation({
    mutationFn: (choices: Choices) => call(() => chartUpdate({ body: { [NAME]: choices } })),
  });
  const waiting = useRef<{ choices: Choices; timer: ReturnType<typeof setTimeout> } | null>(null);
  const saveNow = useCallback(() => {
    if (waiting.current === null) return;
    clearTimeout(waiting.current.timer);
    mutate(waiting.current.choices);
    waiting.current = null;
  }, [mutate]);
  useEffect(() => saveNow, [saveNow]);
  const save = useCallback(
    (choices: Choices) => {
      client.setQueryData(rememberedQuery.queryKey, (kept) => ({ ...kept, [NAME]: choices }));
      if (waiting.current) clearTimeout(waiting.current.timer);
      waiting.current = { choices, timer: setTimeout(saveNow, SAVE_AFTER) };
    },
    [client, saveNow],
  );
  // Without the server's answer the charts work as they come.
  if (remembered.isError && remembered.data === undefined) return [DEFAULTS, save];
  return [remembered.data ? readChoices(remembered.data[NAME]) : null, save];
}
