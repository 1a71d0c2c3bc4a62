import { expect, it } from "vitest";
import { titleOf } from "./titles";

it("makes titles of names, in the words of traders", () => {
  expect(titleOf("equity_mis_leverage")).toBe("Equity MIS leverage");
  expect(titleOf("nse_bse_square_off_time")).toBe("NSE BSE square off time");
  expect(titleOf("starting_capital")).toBe("Starting capital");
});
