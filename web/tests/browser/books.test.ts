import { text } from "node:stream/consumers";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { formatNumber } from "../../src/lib/numbers";
import { shot } from "./shot";
import { makeUser, openAs, place, Stage } from "./stage";

/** Enough for shares to be settled, whatever weekend and holidays are between. */
const DAYS_AGO = 7;
let stage: Stage;
let apiKey = "";

beforeAll(async () => {
  const before = await Stage.open({ daysAgo: DAYS_AGO });
  const { page } = await before.page();
  apiKey = await makeUser(page);
  for (const [symbol, quantity] of [
    ["RELIANCE", 20],
    ["SBIN", 100],
  ] as const) {
    await place(page, apiKey, { symbol, action: "BUY", quantity, product: "CNC" });
  }
  await before.close({ keepData: true });
  stage = await Stage.open({ data: before.data });
});
afterAll(() => stage?.close());

it("shows shares that are settled, moving with their prices, and saves them", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/holdings");
  const row = page.getByRole("row", { name: /RELIANCE/ });
  await row.waitFor();
  expect(await row.getAttribute("data-symbol")).toBe("RELIANCE");
  expect(await row.getAttribute("data-exchange")).toBe("NSE");
  await page.getByRole("row", { name: /SBIN/ }).waitFor();
  const before = await row.textContent();
  await page.waitForFunction(
    ([text]) => document.querySelector('[data-symbol="RELIANCE"]')?.textContent !== text,
    [before],
  );
  expect(await page.locator("main").textContent()).not.toContain("NaN");
  await shot(page, "holdings-rows");
  const lines = await csv(page);
  expect(lines[0]).toMatch(/^symbol,exchange,product,quantity,average/);
  expect(lines.slice(1).map((line) => line.split(",").slice(0, 4).join(" "))).toEqual(
    expect.arrayContaining(["RELIANCE NSE CNC 20", "SBIN NSE CNC 100"]),
  );
  await row.getByRole("button", { name: "Sell", exact: true }).click();
  await page.getByRole("button", { name: "Sell 20 on paper" }).waitFor();
  expect(complaints).toEqual([]);
});

it("closes one position with one press on paper, and shows it flat", async () => {
  const { page, complaints } = await stage.page();
  const sold = await sellAtTwoPrices(page, "INFY");
  await openAs(page, "/positions");
  const row = page.getByRole("row", { name: /INFY/ });
  await row.getByText(`−${sold}`).waitFor();
  await page.getByRole("button", { name: "Short 1" }).waitFor();
  await row.getByRole("button", { name: "Close INFY MIS" }).click();
  await page.getByText("INFY MIS: exit sent", { exact: true }).waitFor();
  await page
    .getByText(new RegExp(`^BUY ${sold} at market, order `))
    .first()
    .waitFor();
  await row.getByText("closed", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Open 0" }).waitFor();
  await expect.poll(() => row.getByRole("button", { name: /^Close/ }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

/**
 * Sells until the average is no price of the market; the quantity. What is closed at its own price earned
 * nothing and is not listed any more.
 */
async function sellAtTwoPrices(page: Page, symbol: string): Promise<number> {
  const price = async () => (await ask(page, "quotes", { symbol, exchange: "NSE" })).bid;
  for (let quantity = 3, sold = quantity; ; quantity = 4, sold += quantity) {
    const before = await price();
    await place(page, apiKey, { symbol, action: "SELL", quantity });
    const rows: { symbol: string; average_price: number }[] = await ask(page, "positionbook");
    const average = rows.find((row) => row.symbol === symbol)?.average_price ?? 0;
    if (Math.abs(average * 20 - Math.round(average * 20)) > 0.01) return sold;
    await expect.poll(price, { timeout: 60_000 }).not.toBe(before);
  }
}

it("closes the chosen ones, then all, and lists what came of each", async () => {
  const { page, complaints } = await stage.page();
  for (const [symbol, action] of [
    ["TCS", "BUY"],
    ["SBIN", "SELL"],
    ["ITC", "BUY"],
    ["AXISBANK", "SELL"],
  ] as const) {
    await place(page, apiKey, { symbol, action, quantity: 10 });
  }
  await openAs(page, "/positions");
  await page.getByRole("button", { name: "Open 4" }).click();
  await shot(page, "positions-rows");
  await page.getByRole("checkbox", { name: "Choose TCS MIS" }).check();
  await page.getByRole("checkbox", { name: "Choose SBIN MIS" }).check();
  await page.getByRole("button", { name: "Close 2", exact: true }).click();
  const some = page.getByRole("dialog", { name: "Close 2 positions" });
  await some.getByText("1 long, 1 short").waitFor();
  await some.getByText("on paper").waitFor();
  await some.getByRole("button", { name: "Close at market" }).click();
  await some.getByText("2 done, 0 failed").waitFor();
  await some.getByText("✓ flat").nth(1).waitFor();
  expect(await some.getByRole("listitem").first().textContent()).toContain("SBIN MIS");
  await shot(page, "positions-results");
  await some.getByRole("button", { name: "Done" }).click();

  await page.getByRole("searchbox").fill("itc");
  await page.getByRole("row", { name: /AXISBANK/ }).waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Close all 2" }).click();
  const all = page.getByRole("dialog", { name: "Close 2 positions" });
  await all.getByText(/Also those that the filters hide/).waitFor();
  await all.getByRole("button", { name: "Close at market" }).click();
  await all.getByText("2 done, 0 failed").waitFor();
  await all.getByText("✓ flat").nth(1).waitFor();
  await all.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Open 0" }).waitFor();
  await expect.poll(() => page.getByRole("button", { name: /^Close all/ }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

it("says why a position could not be closed", async () => {
  const { page } = await stage.page();
  await place(page, apiKey, { symbol: "TCS", action: "BUY", quantity: 3 });
  await openAs(page, "/positions");
  await page.getByRole("button", { name: "Close TCS MIS" }).waitFor();
  await page.route("**/ui/v1/closeposition", (route) =>
    route.fulfill({
      status: 502,
      json: {
        status: "error",
        code: "close_failed",
        message: "Failed to close 1 positions: no margin",
        results: [
          {
            symbol: "TCS",
            exchange: "NSE",
            product: "MIS",
            action: "SELL",
            quantity: 3,
            status: "error",
            message: "No margin for it",
            code: "insufficient_funds",
          },
        ],
      },
    }),
  );
  await page.getByRole("button", { name: "Close TCS MIS" }).click();
  await page.getByText("TCS MIS: not closed", { exact: true }).waitFor();
  await page.getByRole("button", { name: /^Close all/ }).click();
  const question = page.getByRole("dialog", { name: /^Close 1 position/ });
  await question.getByRole("button", { name: "Close at market" }).click();
  await question.getByText("0 done, 1 failed").waitFor();
  await question.getByText("No margin for it").waitFor();
  await question.getByText("+3 open").waitFor();
  await page.unroute("**/ui/v1/closeposition");
  await question.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Close TCS MIS" }).click();
  await page.getByRole("button", { name: "Open 0" }).waitFor();
});

it("groups positions, and remembers how they are looked at", async () => {
  const { page } = await stage.page();
  await openAs(page, "/positions");
  await page.getByRole("button", { name: /^All / }).click();
  await page.getByRole("combobox", { name: "Groups" }).selectOption("underlying");
  await page.getByRole("columnheader", { name: /^INFY/ }).waitFor();
  await page.getByRole("button", { name: "Columns" }).click();
  const kept = page.waitForResponse(/\/ui\/preferences\/table\.positions$/);
  await page.getByRole("menuitemcheckbox", { name: "P&L %" }).click();
  await kept;
  await page.keyboard.press("Escape");
  await page.reload();
  await page.getByRole("columnheader", { name: /^INFY/ }).waitFor();
  await expect.poll(() => page.getByRole("columnheader", { name: "P&L %" }).count()).toBe(0);
});

it("shows trades, leads to their orders, and saves what is shown", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/tradebook");
  await page.getByRole("row", { name: /INFY/ }).first().waitFor();
  await shot(page, "tradebook-rows");
  await page.getByRole("searchbox").fill("infy");
  await page.getByRole("button", { name: /^Sell/ }).click();
  await page.getByRole("row", { name: /TCS/ }).first().waitFor({ state: "hidden" });
  const lines = await csv(page);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines[0]).toBe(
    "time (IST),trade id,order id,side,quantity,symbol,exchange,product,price,value,strategy",
  );
  for (const line of lines.slice(1)) {
    expect(line).toMatch(/,SELL,\d+,INFY,NSE,MIS,[\d.]+,[\d.]+,journey$/);
  }

  await page
    .getByRole("button", { name: /^Why order/ })
    .first()
    .click();
  const why = page.getByRole("dialog", { name: /^SELL \d+ INFY$/ });
  await why.getByRole("listitem").first().waitFor();
  expect(complaints).toEqual([]);
});

it("cancels the chosen orders and no other", async () => {
  const { page, complaints } = await stage.page();
  for (const [symbol, quantity] of [
    ["SBIN", 1],
    ["SBIN", 2],
    ["INFY", 3],
  ] as const) {
    const waits = { pricetype: "LIMIT", price: 500, action: "BUY" };
    await place(page, apiKey, { symbol, quantity, ...waits });
  }
  await openAs(page, "/orderbook");
  await page.getByRole("button", { name: "Open 3" }).click();
  await shot(page, "orderbook-rows");
  await page.getByRole("searchbox").fill("sbin");
  await page.getByRole("row", { name: /INFY/ }).waitFor({ state: "hidden" });
  const lines = await csv(page);
  expect(lines.length).toBe(3);
  expect(lines[1]).toMatch(/,BUY,\d,0,SBIN,NSE,MIS,LIMIT,500,0,0,open,,journey$/);
  await page.getByRole("checkbox", { name: "Choose all that are shown" }).check();
  await page.getByText("2 chosen").waitFor();
  await page.getByRole("button", { name: "Cancel 2", exact: true }).click();
  const question = page.getByRole("dialog", { name: "Cancel 2 open orders" });
  await question.getByRole("button", { name: "Cancel them" }).click();
  await question.getByText("2 done, 0 failed").waitFor();
  await shot(page, "orderbook-results");
  await question.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Show all", exact: true }).click();
  await page.getByRole("button", { name: "Open 1" }).click();
  await page.getByRole("row", { name: /INFY/ }).getByText("open", { exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

it("tells on a phone what an order waits for, and what it got", async () => {
  const { page, complaints } = await stage.page({ width: 390, height: 844 });
  await place(page, apiKey, { symbol: "HDFCBANK", action: "BUY", quantity: 2 });
  const { ltp } = await ask(page, "quotes", { symbol: "HDFCBANK", exchange: "NSE" });
  const [trigger, price] = [Math.round(ltp * 1.2), Math.round(ltp * 1.25)];
  await place(page, apiKey, {
    symbol: "HDFCBANK",
    action: "BUY",
    quantity: 2,
    pricetype: "SL",
    price,
    trigger_price: trigger,
  });
  await openAs(page, "/orderbook");
  await page.getByRole("button", { name: /^All \d/ }).click();
  const cards = page.getByRole("listitem").filter({ hasText: "HDFCBANK NSE" });
  await cards.filter({ hasText: /filledMARKET MIS · avg [\d,]+\.\d\d · / }).waitFor();
  const waits = cards.filter({
    hasText: `SL MIS at ${formatNumber(price)} trigger ${formatNumber(trigger)}`,
  });
  await waits.filter({ hasText: /now [\d,]+\.\d\d/ }).waitFor();
  await shot(page, "orderbook-390");
  await waits.getByRole("button", { name: "Cancel" }).click();
  await waits.getByText("cancelled").waitFor();
  await page.goto("/positions");
  await cards.filter({ hasText: /\+2 MIS · avg [\d,.]+ · now [\d,]+\.\d\d/ }).waitFor();
  expect(complaints).toEqual([]);
});

it("modifies and cancels GTTs that programs placed", async () => {
  const { page, complaints } = await stage.page();
  const gtt = {
    exchange: "NSE",
    symbol: "SBIN",
    product: "CNC",
    quantity: 10,
    strategy: "journey",
  };
  await ask(page, "placegttorder", {
    ...gtt,
    trigger_type: "SINGLE",
    action: "BUY",
    price: 500,
    triggerprice_sl: 501,
  });
  await ask(page, "placegttorder", {
    ...gtt,
    trigger_type: "OCO",
    action: "SELL",
    price: 0,
    triggerprice_sl: 400,
    stoploss: 399,
    triggerprice_tg: 2000,
    target: 1999,
  });
  await openAs(page, "/orderbook?tab=gtt");
  const single = page.getByRole("row", { name: /Single/ });
  await single.getByText("501.00").waitFor();
  await shot(page, "gtt-rows");
  await single.getByRole("button", { name: "Modify" }).click();
  const form = page.getByRole("dialog", { name: "Modify GTT: BUY 10 SBIN" });
  await form.getByText("Fires when SBIN falls to 501.").waitFor();
  await shot(page, "gtt-modify");
  await form.getByRole("textbox", { name: "Trigger", exact: true }).fill("");
  await form.getByRole("button", { name: "Modify" }).click();
  await form.getByText("More than 0").waitFor();
  await form.getByRole("textbox", { name: "Trigger", exact: true }).fill("490");
  await form.getByRole("textbox", { name: "Limit", exact: true }).fill("489.5");
  await form.getByRole("textbox", { name: "Quantity", exact: true }).fill("12");
  await form.getByRole("button", { name: "Modify" }).click();
  await form.waitFor({ state: "hidden" });
  await single.getByText("490.00").waitFor();
  await single.getByText("489.50").waitFor();

  const oco = page.getByRole("row", { name: /OCO/ });
  await oco.getByRole("button", { name: "Modify" }).click();
  const both = page.getByRole("dialog", { name: "Modify OCO: SELL 10 SBIN" });
  await both.getByRole("textbox", { name: "Target trigger", exact: true }).fill("2100");
  await both.getByRole("textbox", { name: "Target limit", exact: true }).fill("2099");
  await both.getByRole("button", { name: "Modify" }).click();
  await both.waitFor({ state: "hidden" });
  await oco.getByText("2,100.00").waitFor();

  const lines = await csv(page);
  expect(lines.filter((line) => line.includes(",SBIN,NSE,BUY,12,CNC,490,489.5,"))).toHaveLength(1);

  await single.getByRole("button", { name: "Cancel" }).click();
  const question = page.getByRole("dialog", { name: "Cancel the GTT BUY 12 SBIN?" });
  await question.getByRole("button", { name: "Cancel it" }).click();
  await question.waitFor({ state: "hidden" });
  await single.getByText("cancelled", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Waiting 1" }).waitFor();
  expect(complaints).toEqual([]);
});

it("says what failed, asks again, and keeps what it knew", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  let broken = true;
  await page.route("**/ui/v1/tradebook", (route) =>
    broken
      ? route.fulfill({
          status: 400,
          json: { status: "error", code: "broker_session", message: "Log in to the broker first" },
        })
      : route.fallback(),
  );
  await page.goto("/tradebook");
  await page.getByText("Log in to the broker first").waitFor();
  await page.getByRole("link", { name: "Connect the account to its broker" }).waitFor();
  broken = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("row", { name: /INFY/ }).first().waitFor();
  broken = true;
  await place(page, apiKey, { symbol: "INFY", action: "BUY", quantity: 1 });
  await page.getByText(/^As of .*; since then: Log in to the broker first/).waitFor();
  await page.getByRole("row", { name: /INFY/ }).first().waitFor();
});

it.each([
  { width: 390, height: 844, colorScheme: "light" },
  { width: 360, height: 740, colorScheme: "dark" },
  { width: 1440, height: 900, colorScheme: "dark" },
] as const)("can be read at $width px, $colorScheme", async ({ colorScheme, ...size }) => {
  const { page } = await stage.page(size);
  await page.emulateMedia({ colorScheme });
  await openAs(page, "/positions");
  for (const path of ["positions", "orderbook", "orderbook?tab=gtt", "tradebook", "holdings"]) {
    await page.goto(`/${path}`);
    await page.locator("[data-symbol]").first().waitFor();
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wider, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
    await shot(page, `${path.replace(/\W/g, "-")}-${size.width}-${colorScheme}`);
  }
});

/** What the button CSV saves, line by line. */
async function csv(page: Page): Promise<string[]> {
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  return (await text(await (await saved).createReadStream())).split("\r\n");
}

/** Asks the public API as a program would; the data of its answer. */
async function ask(page: Page, operation: string, body: object = {}) {
  const reply = await page.request.post(`/api/v1/${operation}`, {
    data: { apikey: apiKey, ...body },
  });
  const answer = await reply.json();
  if (answer.status !== "success") throw new Error(JSON.stringify(answer));
  return answer.data;
}
