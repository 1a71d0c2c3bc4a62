import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { groupsOf, searched } from "./document";

const document = JSON.parse(
  readFileSync(new URL("../../../../docs/openapi.json", import.meta.url), "utf8"),
);
const groups = groupsOf(document);
const all = groups.flatMap(({ operations }) => operations);
const found = (id: string) => {
  const operation = all.find((each) => each.id === id);
  if (operation === undefined) throw new Error(`no ${id}`);
  return operation;
};

it("reads every operation of the server's own document", () => {
  const paths = Object.values(document.paths as Record<string, object>);
  expect(all).toHaveLength(paths.flatMap((item) => Object.keys(item)).length);
  expect(groups[0]?.tag).toBe("Orders");
});

it("begins with an example that holds no key", () => {
  const { examples } = found("quotes");
  expect(JSON.parse(examples[0] ?? "")).toMatchObject({ symbol: expect.any(String) });
  expect(all.flatMap((each) => each.examples).join("")).not.toContain("apikey");
});

it("tells fields, what they take and whether they must be there", () => {
  const action = found("placeorder").fields.find((field) => field.name === "action");
  expect(action).toMatchObject({ kind: "BUY or SELL", required: true });
  expect(found("placeorder").fields.some((field) => field.name === "apikey")).toBe(false);
  expect(found("ticker").parameters.map(({ name, place }) => [name, place])).toContainEqual([
    "symbol",
    "path",
  ]);
});

it("knows what moves money", () => {
  const trading = all.filter((each) => each.trades).map((each) => each.id);
  expect(trading).toContain("placeorder");
  expect(trading).toContain("cancelallorder");
  expect(trading).toContain("placegttorder");
  expect(trading).toContain("analyzer_toggle");
  expect(trading).not.toContain("orderstatus");
  expect(trading).not.toContain("funds");
});

it("finds by path, title and tag", () => {
  expect(searched(groups, "greeks option").flatMap((each) => each.operations)).not.toEqual([]);
  expect(searched(groups, "/quotes")[0]?.operations[0]?.id).toBe("quotes");
  expect(searched(groups, "nothing like it")).toEqual([]);
  expect(searched(groups, " ")).toHaveLength(groups.length);
});
