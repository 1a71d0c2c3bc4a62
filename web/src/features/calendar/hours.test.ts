import { expect, it } from "vitest";
import { daysFrom, effectOn, hoursText, standings, together, untilText, whenText } from "./hours";

const at = (text: string) => Date.parse(`${text}+05:30`);
const session = (exchange: string, day: string, opens: string, closes: string) => ({
  exchange,
  start_time: at(`${day}T${opens}`),
  end_time: at(`${day}T${closes}`),
});
const monday = [
  session("NSE", "2026-11-23", "09:15", "15:30"),
  session("MCX", "2026-11-23", "09:00", "23:55"),
];
const tuesday = [session("NSE", "2026-11-24", "09:15", "15:30")];

it("knows what is open, and what changes next", () => {
  const noon = standings([monday, tuesday], at("2026-11-23T12:00"));
  expect(noon[0]).toMatchObject({
    exchange: "NSE",
    open: true,
    changes: at("2026-11-23T15:30"),
  });
  const evening = standings([monday, tuesday], at("2026-11-23T15:30"));
  expect(evening[0]).toMatchObject({ open: false, changes: at("2026-11-24T09:15") });
  expect(evening[1]).toMatchObject({ exchange: "MCX", open: true });
  expect(standings([monday], at("2026-11-23T23:59"))[1]).toMatchObject({
    open: false,
    changes: null,
  });
});

it("shows an exchange that opens on a later day as closed today", () => {
  const [nse] = standings([[], tuesday], at("2026-11-23T12:00"));
  expect(nse).toMatchObject({ today: [], open: false, changes: at("2026-11-24T09:15") });
});

it("tells of exchanges with the same hours together", () => {
  const both = [...monday, session("BSE", "2026-11-23", "09:15", "15:30")];
  const rows = together(standings([both, tuesday], at("2026-11-23T12:00")));
  expect(rows.map(({ exchanges }) => exchanges)).toEqual([["NSE", "BSE"], ["MCX"]]);
});

it("writes times of India wherever the browser is", () => {
  const now = at("2026-11-23T08:00");
  expect(hoursText(monday[0] as never)).toBe("09:15–15:30");
  expect(whenText(at("2026-11-23T15:30"), now)).toBe("today 15:30");
  expect(whenText(at("2026-11-24T09:15"), now)).toMatch(/^Tue.* 09:15$/);
  expect(daysFrom(at("2026-11-30T23:59"), 2)).toEqual(["2026-11-30", "2026-12-01"]);
});

it("says how long it is until then", () => {
  const now = at("2026-11-23T08:00");
  expect(untilText(at("2026-11-23T08:12"), now)).toBe("in 12 min");
  expect(untilText(at("2026-11-23T11:05"), now)).toBe("in 3 h 5 min");
  expect(untilText(at("2026-11-25T09:00"), now)).toBe("in 2 d 1 h");
});

it("tells a closed exchange from one with hours of its own and one that does not care", () => {
  const diwali = {
    date: "2026-11-08",
    description: "Diwali",
    holiday_type: "SPECIAL_SESSION" as const,
    closed_exchanges: ["CDS"],
    open_exchanges: [session("NSE", "2026-11-08", "18:00", "19:00")],
  };
  expect(effectOn(diwali, "CDS")).toBe("closed");
  expect(effectOn(diwali, "NSE")).toHaveLength(1);
  expect(effectOn(diwali, "NCDEX")).toBeNull();
});
