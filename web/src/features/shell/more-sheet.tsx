import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Sheet } from "@/components/ui/dialog";
import { SearchInput } from "@/components/ui/search-input";
import { GROUPS, PAGES } from "./pages";
import { matches } from "./palette-match";

/** Every page, for phones: by group, or by a few letters. */
export function MoreSheet({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const [text, setText] = useState("");
  const found = PAGES.filter((page) => matches(text.trim(), page));
  return (
    <Sheet
      open={open}
      onOpenChange={(next) => {
        setText("");
        onOpenChange(next);
      }}
      title="All pages"
    >
      <SearchInput label="Find a page" value={text} onChange={setText} className="h-10" />
      <nav aria-label="All pages" className="grid gap-4 pb-6">
        {found.length === 0 && <p className="text-quiet">No page of that name.</p>}
        {GROUPS.map((group) => {
          const pages = found.filter((page) => page.group === group);
          return (
            pages.length > 0 && (
              <div key={group} className="grid gap-1">
                <p className="text-xs text-quiet">{group}</p>
                <ul className="grid grid-cols-2 gap-1.5">
                  {pages.map(({ path, title, icon: Icon }) => (
                    <li key={path}>
                      <Link
                        to={path}
                        onClick={() => onOpenChange(false)}
                        className="flex min-h-11 items-center gap-2 rounded-md border border-line px-2.5 font-medium data-[status=active]:bg-raised"
                      >
                        <Icon aria-hidden className="size-4 shrink-0 text-quiet" />
                        <span className="min-w-0 truncate">{title}</span>
                      </Link>
                    </li>
                  ))}
                </ul>
              </div>
            )
          );
        })}
      </nav>
    </Sheet>
  );
}
