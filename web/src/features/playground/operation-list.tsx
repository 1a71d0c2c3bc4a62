import { useState } from "react";
import { SearchInput } from "@/components/ui/search-input";
import { cn } from "@/lib/cn";
import { type Group, type Operation, searched } from "./document";

/** Every operation by subject, and a search through them. */
export function OperationList({
  groups,
  chosen,
  onChoose,
}: {
  groups: readonly Group[];
  chosen: Operation;
  onChoose: (operation: Operation) => void;
}) {
  const [text, setText] = useState("");
  const found = searched(groups, text);
  return (
    <>
      <div className="border-b border-line p-2">
        <SearchInput label="Find an operation" value={text} onChange={setText} />
      </div>
      <nav aria-label="Operations" className="grid gap-3 overflow-y-auto p-2 lg:max-h-[70dvh]">
        {found.length === 0 && <p className="p-2 text-quiet">No operation of that name.</p>}
        {found.map(({ tag, operations }) => (
          <div key={tag}>
            <p className="px-2 pb-1 text-xs text-quiet">{tag}</p>
            <ul>
              {operations.map((operation) => (
                <li key={operation.id}>
                  <button
                    type="button"
                    onClick={() => onChoose(operation)}
                    aria-current={operation.id === chosen.id || undefined}
                    className={cn(
                      "block w-full rounded-md px-2 py-1 text-left hover:bg-raised",
                      operation.id === chosen.id && "bg-raised",
                    )}
                  >
                    <span className="block truncate">{operation.title}</span>
                    <span className="block truncate font-mono text-xs text-quiet">
                      <span className="text-accent">{operation.method}</span>{" "}
                      {operation.path.replace("/api/v1", "")}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
    </>
  );
}
