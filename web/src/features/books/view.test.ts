import { expect, it } from "vitest";
import { readView, type View } from "./view";

const usual: View = { sort: [{ id: "time", desc: true }], hidden: ["id"], filters: { group: "" } };

it("comes back as it was left", () => {
  const left: View = { sort: [{ id: "symbol", desc: false }], hidden: [], filters: { group: "x" } };
  expect(readView(JSON.stringify(left), usual)).toEqual(left);
});

it.each([[null], ["{"], ["[1]"], ["null"], ['{"sort":"time","hidden":[1],"filters":{"group":2}}']])(
  "is the usual one where %s was saved",
  (saved) => expect(readView(saved, usual)).toEqual(usual),
);
