import { expect, it, vi } from "vitest";
import { readView, type View } from "./view";

vi.mock("@/lib/preferences", () => ({}));

const usual: View = {
  sort: [{ id: "time", desc: true }],
  hidden: ["id"],
  filters: { show: "all" },
};

it("comes back as it was left", () => {
  const left: View = {
    sort: [{ id: "symbol", desc: false }],
    hidden: [],
    filters: { show: "x" },
    group: "y",
  };
  expect(readView(left, usual)).toEqual(left);
});

it.each([[undefined], [null], [[1]], [{ sort: "time", hidden: [1], filters: { group: 2 } }]])(
  "is the usual one where %s was kept",
  (kept) => expect(readView(kept, usual)).toEqual(usual),
);
