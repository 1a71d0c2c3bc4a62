import { expect, it } from "vitest";
import { columnsOf, fitting } from "./columns";

const names = (room: number) => fitting(columnsOf("price"), room).map(({ id }) => id);

it("shows everything where there is room", () => {
  expect(names(1600)).toEqual(columnsOf("price").map(({ id }) => id));
});

it("gives up the least important columns first, and pairs together", () => {
  expect(names(1250)).not.toContain("spread");
  expect(names(1250)).toContain("bidQty");
  const narrow = names(1100);
  expect(narrow).not.toContain("bidQty");
  expect(narrow).not.toContain("askQty");
  expect(narrow).toContain("bid");
});

it("keeps the last price however narrow it is", () => {
  expect(names(10)).toEqual(["ltp"]);
});
