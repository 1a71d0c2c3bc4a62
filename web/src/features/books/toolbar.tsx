import { Columns3, ListFilter, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { Menu, MenuCheckItem, MenuContent, MenuLabel, MenuTrigger } from "@/components/ui/menu";
import { SearchInput } from "@/components/ui/search-input";
import type { Column, Sorting } from "@/components/ui/table";
import { cn } from "@/lib/cn";
import { valuesOf } from "@/lib/rows";
import type { BookView } from "./view";

/** Text, filters and columns of a book: what the user has chosen of them stays. */
export function Toolbar<Row>({
  book,
  columns,
  placeholder,
  children,
}: {
  book: BookView;
  columns: readonly Column<Row>[];
  /** What the text is looked for in. */
  placeholder: string;
  children?: ReactNode;
}) {
  // There is little room on a phone: the rows come first.
  const [open, setOpen] = useState(false);
  return (
    <search className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
      <SearchInput
        label={`Filter by ${placeholder}`}
        placeholder={placeholder}
        value={book.text}
        onChange={book.setText}
        className="h-8 max-sm:flex-1 sm:w-56"
      />
      <Button
        aria-expanded={open}
        className="h-8 px-2 sm:hidden"
        onClick={() => setOpen((was) => !was)}
      >
        <ListFilter /> Filters
      </Button>
      <div className={cn("contents", !open && "max-sm:hidden")}>
        {children}
        <SortChoice columns={columns} view={book.view} change={book.change} />
      </div>
      {!book.isUsual() && (
        <Button size="small" kind="ghost" onClick={book.showAll}>
          <X /> Show all
        </Button>
      )}
      <Menu>
        <MenuTrigger asChild>
          <Button size="small" kind="ghost" className="ml-auto max-sm:hidden">
            <Columns3 /> Columns
          </Button>
        </MenuTrigger>
        <MenuContent>
          <MenuLabel>Columns to show</MenuLabel>
          {columns
            .filter(({ title }) => title !== "")
            .map(({ id, title }) => (
              <MenuCheckItem
                key={id}
                checked={!book.view.hidden.includes(id)}
                onCheckedChange={(shown) =>
                  book.change({
                    hidden: shown
                      ? book.view.hidden.filter((each) => each !== id)
                      : [...book.view.hidden, id],
                  })
                }
              >
                {title}
              </MenuCheckItem>
            ))}
        </MenuContent>
      </Menu>
    </search>
  );
}

/** A filter by one of the values that there are. */
export function Choice({
  label,
  all,
  values,
  value,
  onChange,
}: {
  label: string;
  /** What no choice is called. */
  all: string;
  values: readonly (string | { value: string; title: string })[];
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Select
      aria-label={label}
      value={value}
      onChange={({ target }) => onChange(target.value)}
      className="h-8 w-auto py-0 text-[13px] max-sm:flex-1"
    >
      <option value="">{all}</option>
      {values.map((each) => {
        const option = typeof each === "string" ? { value: each, title: each } : each;
        return (
          <option key={option.value} value={option.value}>
            {option.title}
          </option>
        );
      })}
    </Select>
  );
}

const FIELDS = {
  exchange: { label: "Exchange", all: "All exchanges" },
  product: { label: "Product", all: "All products" },
};

/** A filter of a book by the values that a field has in its rows. */
export function FieldChoice<Field extends keyof typeof FIELDS>({
  field,
  rows,
  book,
}: {
  field: Field;
  /** All rows there are. */
  rows: readonly Readonly<Record<Field, string>>[];
  book: BookView;
}) {
  const value = book.filter(field);
  return (
    <Choice
      {...FIELDS[field]}
      values={valuesOf(rows, (row) => row[field], value)}
      value={value}
      onChange={(chosen) => book.setFilter(field, chosen)}
    />
  );
}

/** On a phone there are no heads of columns to press. */
function SortChoice<Row>({
  columns,
  view,
  change,
}: {
  columns: readonly Column<Row>[];
  view: { sort: Sorting };
  change: (part: { sort: Sorting }) => void;
}) {
  const now = view.sort[0];
  const sortable = columns.filter(({ sortBy }) => sortBy !== undefined);
  return (
    <div className="sm:hidden">
      <Select
        aria-label="Sort by"
        value={now ? `${now.id}:${now.desc ? "down" : "up"}` : ""}
        onChange={({ target }) => {
          const [id, way] = target.value.split(":");
          change({ sort: id ? [{ id, desc: way === "down" }] : [] });
        }}
        className="h-8 w-auto py-0 text-[13px]"
      >
        <option value="">As it comes</option>
        {sortable.flatMap(({ id, title }) => [
          <option key={`${id}:down`} value={`${id}:down`}>
            {title} ↓
          </option>,
          <option key={`${id}:up`} value={`${id}:up`}>
            {title} ↑
          </option>,
        ])}
      </Select>
    </div>
  );
}
