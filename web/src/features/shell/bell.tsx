import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bell as BellIcon } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Time } from "@/components/ui/figures";
import { cn } from "@/lib/cn";
import { useStore } from "@/lib/store";
import { accountsQuery } from "../accounts/queries";
import { activity, type Notice, type Subject, unread } from "./activity";

const TONES = { good: "text-gain", bad: "text-loss", plain: "text-ink" } as const;

/** What has happened in this visit, and how much of it is new. */
export function Bell() {
  const news = useStore(unread);
  const [only, showOnly] = useState<Subject | null>(null);
  const notices = useStore(activity);
  const subjects = [...new Set(notices.map((notice) => notice.subject))];
  const shown = only === null ? notices : notices.filter((notice) => notice.subject === only);
  return (
    <Popover.Root onOpenChange={() => unread.set(0)}>
      <Popover.Trigger asChild>
        <Button
          kind="ghost"
          size="icon"
          className="relative"
          aria-label={news ? `Activity, ${news} new` : "Activity"}
        >
          <BellIcon />
          {news > 0 && (
            <Badge
              aria-hidden
              tone="accent"
              className="absolute top-0 right-0 bg-accent px-1 py-0 text-on-accent"
            >
              {news > 99 ? "99+" : news}
            </Badge>
          )}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Activity"
          className="z-50 flex max-h-[70dvh] w-[min(24rem,calc(100vw-1rem))] flex-col rounded-lg border border-line bg-surface shadow-xl"
        >
          <div className="flex flex-wrap items-center gap-1 border-b border-line p-2">
            <h2 className="mr-auto px-1 font-semibold">Activity</h2>
            {subjects.length > 1 &&
              subjects.map((subject) => (
                <Button
                  key={subject}
                  size="small"
                  kind={only === subject ? "plain" : "ghost"}
                  aria-pressed={only === subject}
                  onClick={() => showOnly(only === subject ? null : subject)}
                >
                  {subject}
                </Button>
              ))}
          </div>
          {shown.length === 0 && (
            <p className="p-4 text-quiet">
              Nothing has happened since you opened this page. Fills, rejections, broker sessions
              and downloads appear here.
            </p>
          )}
          <ul className="overflow-y-auto">
            {shown.map((notice) => (
              <li key={notice.key} className="border-b border-line/60 px-3 py-2 last:border-0">
                <Line notice={notice} />
              </li>
            ))}
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Line({ notice }: { notice: Notice }) {
  const { data: accounts } = useQuery(accountsQuery);
  const several = accounts !== undefined && accounts.length > 1;
  const account = accounts?.find((each) => each.id === notice.account);
  return (
    <>
      <span className="flex items-baseline justify-between gap-3">
        {notice.to ? (
          <Popover.Close asChild>
            <Link to={notice.to} className={cn("font-medium hover:underline", TONES[notice.tone])}>
              {notice.title}
            </Link>
          </Popover.Close>
        ) : (
          <span className={cn("font-medium", TONES[notice.tone])}>{notice.title}</span>
        )}
        <Time value={notice.at} className="text-xs text-quiet" />
      </span>
      {(notice.text || several) && (
        <span className="block text-[13px] text-quiet">
          {[several ? account?.name : undefined, notice.text].filter(Boolean).join(" · ")}
        </span>
      )}
    </>
  );
}
