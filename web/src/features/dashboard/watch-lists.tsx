import { ArrowUpDown, ListPlus, MoreHorizontal, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import type { Chosen } from "@/lib/preferences";
import {
  type WatchLists as Lists,
  LONGEST_NAME,
  nameProblem,
  show,
  shownList,
  withList,
  withName,
  withoutList,
} from "../market/watch-list";

type Question = "new" | "rename" | "remove";

/** Which list is shown, and what can be done with the lists. */
export function WatchLists({
  lists,
  arranging,
  onArrange,
}: {
  lists: Chosen<Lists>;
  arranging: boolean;
  onArrange: (arranging: boolean) => void;
}) {
  const [question, ask] = useState<Question | null>(null);
  const all = lists.value;
  const { name, instruments } = shownList(all);
  const close = () => ask(null);
  if (arranging) {
    return (
      <Button kind="primary" size="small" onClick={() => onArrange(false)}>
        Done
      </Button>
    );
  }
  return (
    <>
      {all.lists.length > 1 && (
        <Select
          aria-label="Watch list"
          className="h-7 w-auto max-w-36 text-[13px]"
          value={name}
          onChange={({ target }) => lists.change((now) => show(now, target.value))}
        >
          {all.lists.map((list) => (
            <option key={list.name}>{list.name}</option>
          ))}
        </Select>
      )}
      <Menu>
        <MenuTrigger asChild>
          <Button kind="ghost" size="small" aria-label="Watch lists">
            <MoreHorizontal />
          </Button>
        </MenuTrigger>
        <MenuContent>
          <MenuItem disabled={instruments.length < 2} onSelect={() => onArrange(true)}>
            <ArrowUpDown /> Arrange {name}
          </MenuItem>
          <MenuItem onSelect={() => ask("rename")}>
            <Pencil /> Rename {name}
          </MenuItem>
          {all.lists.length > 1 && (
            <MenuItem onSelect={() => ask("remove")}>
              <Trash2 /> Remove {name}
            </MenuItem>
          )}
          <MenuSeparator />
          <MenuItem onSelect={() => ask("new")}>
            <ListPlus /> New list
          </MenuItem>
        </MenuContent>
      </Menu>
      <Dialog open={question === "new"} onOpenChange={close} title="New watch list">
        <NameForm
          verb="Make it"
          problem={(wanted) => nameProblem(all, wanted)}
          onName={(wanted) => {
            lists.change((now) => withList(now, wanted));
            close();
          }}
        />
      </Dialog>
      <Dialog open={question === "rename"} onOpenChange={close} title={`Rename ${name}`}>
        <NameForm
          verb="Rename"
          first={name}
          problem={(wanted) => nameProblem(all, wanted, name)}
          onName={(wanted) => {
            lists.change((now) => withName(now, name, wanted));
            close();
          }}
        />
      </Dialog>
      <Confirm
        open={question === "remove"}
        onOpenChange={close}
        title={`Remove ${name}?`}
        verb="Remove it"
        busy={false}
        onConfirm={() => {
          lists.change((now) => withoutList(now, name));
          close();
        }}
      >
        <p>
          Its {instruments.length} {instruments.length === 1 ? "instrument is" : "instruments are"}{" "}
          not watched there any more. Orders and positions stay as they are.
        </p>
      </Confirm>
    </>
  );
}

function NameForm({
  verb,
  first = "",
  problem,
  onName,
}: {
  verb: string;
  first?: string;
  problem: (name: string) => string | null;
  onName: (name: string) => void;
}) {
  const [name, setName] = useState(first);
  const [tried, setTried] = useState(false);
  const wrong = problem(name);
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (wrong === null) onName(name);
      }}
    >
      <Field label="Name" error={(tried && wrong) || undefined}>
        {(attributes) => (
          <Input
            {...attributes}
            value={name}
            maxLength={LONGEST_NAME + 1}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      <div className="flex justify-end">
        <Button type="submit" kind="primary">
          {verb}
        </Button>
      </div>
    </form>
  );
}
