import { expect, it } from "vitest";
import { newIndicator } from "./indicators/catalogue";
import { DEFAULTS, linked, readChoices, withPane } from "./settings";

it("reads back what it keeps", () => {
  const chosen = withPane({ ...DEFAULTS, layout: 4, active: 2 }, 2, {
    symbol: "INFY",
    exchange: "NSE",
    interval: "D",
    type: "heikin",
    indicators: [newIndicator("supertrend")],
  });
  expect(readChoices(JSON.parse(JSON.stringify(chosen)))).toEqual(chosen);
});

it("does not trip over what it does not know", () => {
  for (const odd of [
    null,
    7,
    "x",
    [],
    { layout: 3, active: 9, panes: [{ interval: "blue" }, 4] },
  ]) {
    expect(readChoices(odd)).toEqual(DEFAULTS);
  }
  expect(readChoices({ layout: 2, active: 2 }).active).toBe(0);
});

it("shows what an address names, in the active pane only", () => {
  const shown = linked({ ...DEFAULTS, layout: 2, active: 1 }, { symbol: "TCS", interval: "D" });
  expect(shown.panes[1]).toMatchObject({ symbol: "TCS", exchange: "NSE", interval: "D" });
  expect(shown.panes[0]).toBe(DEFAULTS.panes[0]);
  expect(linked(DEFAULTS, { interval: "nonsense" })).toEqual(DEFAULTS);
});
