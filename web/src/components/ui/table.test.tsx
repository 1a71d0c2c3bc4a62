// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Column, DataTable, type Grouping, toggled } from "./table";

interface Row {
  id: number;
  symbol: string;
  profit: number | null;
}

const HEIGHT = 600;
const COLUMNS: readonly Column<Row>[] = [
  { id: "symbol", title: "Symbol", sortBy: (row) => row.symbol, cell: (row) => row.symbol },
  {
    id: "profit",
    title: "Profit",
    numeric: true,
    sortBy: (row) => row.profit,
    cell: (row) => row.profit ?? "—",
  },
];
const MANY: readonly Row[] = Array.from({ length: 5_000 }, (_, id) => ({
  id,
  symbol: `S${String(id).padStart(4, "0")}`,
  profit: id,
}));
let phone = false;

beforeEach(() => {
  phone = false;
  vi.stubGlobal("matchMedia", () => ({
    matches: phone,
    addEventListener: () => {},
    removeEventListener: () => {},
  }));
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(HEIGHT);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(1000);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(72);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const keyOf = (row: Row) => String(row.id);

function Table({
  rows = MANY,
  columns = COLUMNS,
  hidden,
  groups,
}: {
  rows?: readonly Row[];
  columns?: readonly Column<Row>[];
  hidden?: string[];
  groups?: Grouping<Row>;
}) {
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      <output>{[...chosen].join(",")}</output>
      <DataTable
        caption="Rows"
        columns={columns}
        rows={rows}
        rowKey={keyOf}
        card={(row) => `card ${row.symbol}`}
        instrument={({ symbol }) => ({ symbol, exchange: "NSE" })}
        empty="nothing"
        groups={groups}
        selection={{
          chosen,
          onChange: choose,
          can: (row) => row.profit !== null,
          name: (row) => row.symbol,
        }}
        {...(hidden ? { hidden } : {})}
      />
    </>
  );
}

function symbols(): (string | undefined)[] {
  return [...document.querySelectorAll<HTMLElement>("tr[data-symbol]")].map(
    (row) => row.dataset.symbol,
  );
}

it("draws only what is in sight of 5,000 rows, and tells how many there are", () => {
  const drawn = vi.fn((row: Row) => row.symbol);
  render(<Table columns={[{ id: "symbol", title: "Symbol", cell: drawn }]} />);
  const rows = symbols();
  expect(rows.length).toBeGreaterThan(HEIGHT / 34);
  expect(rows.length).toBeLessThan(60);
  expect(rows[0]).toBe("S0000");
  expect(new Set(drawn.mock.calls.map(([row]) => row.id)).size).toBeLessThan(60);
  expect(screen.getByRole("table").getAttribute("aria-rowcount")).toBe("5001");
});

it("draws others as it is scrolled", () => {
  render(<Table />);
  const section = screen.getByRole("region", { name: "Rows" });
  section.scrollTop = 34 * 3000;
  fireEvent.scroll(section);
  const rows = symbols();
  expect(rows).toContain("S3000");
  expect(rows).not.toContain("S0000");
  expect(rows.length).toBeLessThan(70);
});

it("sorts numbers as numbers, large ones first, and what is unknown last both ways", () => {
  const rows = [9, null, 100, -20].map((profit, id) => ({ id, symbol: `${profit}`, profit }));
  render(<Table rows={rows} />);
  const head = screen.getByRole("button", { name: "Profit" });
  fireEvent.click(head);
  expect(symbols()).toEqual(["100", "9", "-20", "null"]);
  expect(screen.getByRole("columnheader", { name: "Profit" }).getAttribute("aria-sort")).toBe(
    "descending",
  );
  fireEvent.click(head);
  expect(symbols()).toEqual(["-20", "9", "100", "null"]);
  fireEvent.click(head);
  expect(symbols()).toEqual(["9", "null", "100", "-20"]);
});

it("turns round, and forgets, what it is sorted by", () => {
  expect(toggled([], "a", false)).toEqual([{ id: "a", desc: false }]);
  expect(toggled([{ id: "b", desc: true }], "a", true)).toEqual([{ id: "a", desc: true }]);
  expect(toggled([{ id: "a", desc: false }], "a", false)).toEqual([{ id: "a", desc: true }]);
  expect(toggled([{ id: "a", desc: true }], "a", false)).toEqual([]);
});

it("hides columns", () => {
  render(<Table hidden={["profit"]} />);
  expect(screen.queryByRole("columnheader", { name: "Profit" })).toBeNull();
  expect(screen.getByRole("columnheader", { name: "Symbol" })).toBeTruthy();
});

it("chooses one row, and all that can be chosen", () => {
  const rows = [1, null, 3].map((profit, id) => ({ id, symbol: `S${id}`, profit }));
  render(<Table rows={rows} />);
  expect(screen.queryByRole("checkbox", { name: "Choose S1" })).toBeNull();
  fireEvent.click(screen.getByRole("checkbox", { name: "Choose S2" }));
  expect(screen.getByRole("status").textContent).toBe("2");
  const all = screen.getByRole<HTMLInputElement>("checkbox", { name: "Choose all that are shown" });
  expect(all.indeterminate).toBe(true);
  fireEvent.click(all);
  expect(screen.getByRole("status").textContent).toBe("0,2");
  fireEvent.click(all);
  expect(screen.getByRole("status").textContent).toBe("");
});

it("puts groups under headings, with all rows of a group", () => {
  const rows = ["b1", "a1", "b2"].map((symbol, id) => ({ id, symbol, profit: id }));
  const groups: Grouping<Row> = {
    keyOf: (row) => row.symbol.charAt(0),
    head: (key, inside) => `${key}: ${inside.length}`,
  };
  render(<Table rows={rows} groups={groups} />);
  const texts = within(screen.getByRole("table"))
    .getAllByRole("row")
    .slice(1)
    .map((row) => row.dataset.symbol ?? row.textContent);
  expect(texts).toEqual(["b: 2", "b1", "b2", "a: 1", "a1"]);
});

it("is a list of cards on a phone", () => {
  phone = true;
  render(<Table />);
  expect(screen.queryByRole("table")).toBeNull();
  expect(screen.getByText("card S0000").closest("li")?.dataset.symbol).toBe("S0000");
  expect(screen.getAllByText(/^card/).length).toBeLessThan(60);
});

it("says what there is instead of rows", () => {
  render(<Table rows={[]} />);
  expect(screen.getByText("nothing")).toBeTruthy();
});
