import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findings } from "./axe";
import { shot } from "./shot";
import { endSessionAt, makeUser, openAs, PASSWORD, place, pretendLive, Stage } from "./stage";

let stage: Stage;
let apiKey = "";

beforeAll(async () => {
  stage = await Stage.open();
  const { page } = await stage.page();
  apiKey = await makeUser(page);
});
afterAll(() => stage?.close());

const ticketOf = (page: Page): Locator => page.getByRole("dialog", { name: /PAPER|REAL MONEY/ });
const watched = (page: Page, symbol: string): Locator =>
  page.locator("li[data-symbol]", { hasText: symbol }).first();

async function openTicket(page: Page, symbol: string, action: "Buy" | "Sell"): Promise<Locator> {
  await page
    .getByRole("button", { name: `Buy, sell and more: ${symbol}` })
    .first()
    .click();
  await page.getByRole("menuitem", { name: action }).click();
  const ticket = ticketOf(page);
  await ticket.getByRole("button", { name: new RegExp(`${action} .*on paper`) }).waitFor();
  return ticket;
}

it("buys at the market on paper, and tells of the fill", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/dashboard");
  const ticket = await openTicket(page, "SBIN", "Buy");
  await ticket.getByText("PAPER").first().waitFor();
  await ticket.getByLabel("Quantity", { exact: true }).fill("75");
  await ticket.getByText("Left after it").waitFor();
  await ticket.locator("[aria-busy=false]", { hasText: "Left after it" }).waitFor();
  await shot(page, "ticket-market-1440");
  expect(await findings(page)).toEqual([]);
  await ticket.getByRole("button", { name: "Buy 75 on paper" }).click();
  await ticket.getByText(/^Filled: 75 at \d/).waitFor();
  await page.getByRole("region", { name: "Positions" }).getByText("SBIN").waitFor();
  await shot(page, "ticket-filled-1440");
  await ticket.getByRole("button", { name: "Another" }).click();
  expect(await ticket.getByLabel("Quantity", { exact: true }).inputValue()).toBe("75");
  await ticket.getByText("+75").waitFor();
  await ticket.getByTitle("Use this price").first().click();
  expect(await ticket.getByRole("radio", { name: "LIMIT" }).isChecked()).toBe(true);
  expect(await ticket.getByLabel("Price", { exact: true }).inputValue()).toMatch(/^\d+\.\d0$/);
  expect(complaints).toEqual([]);
});

it("places a limit, changes it from the orderbook, and cancels it", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/dashboard");
  const ticket = await openTicket(page, "INFY", "Buy");
  await ticket.getByRole("radio", { name: "LIMIT" }).check();
  const price = ticket.getByLabel("Price", { exact: true });
  await page.waitForFunction(
    (field) => Number((field as HTMLInputElement).value) > 0,
    await price.elementHandle(),
  );
  await price.fill("1000.03");
  await ticket.getByText(/In steps of 0\.1: 1000\.00 or 1000\.10/).waitFor();
  await ticket.getByRole("button", { name: /on paper/ }).click();
  expect(await ticket.getByRole("status").count()).toBe(0);
  await price.press("ArrowDown");
  expect(await price.inputValue()).toBe("1000.00");
  await ticket.getByRole("button", { name: "Buy 1 on paper" }).click();
  await ticket.getByText("Open: 1 at 1,000.00").waitFor();
  await shot(page, "ticket-open-1440");

  await page.getByRole("link", { name: "Orderbook" }).first().click();
  const row = page.getByRole("row", { name: /INFY/ });
  await row.getByRole("button", { name: "Modify" }).click();
  const change = page.getByRole("button", { name: "Change the order on paper" });
  await change.click();
  await ticket.getByText("Nothing is changed yet.").waitFor();
  await ticket.getByLabel("Price", { exact: true }).fill("1010");
  await ticket.getByLabel("Quantity", { exact: true }).fill("3");
  await shot(page, "ticket-modify-1440");
  await change.click();
  await ticket.getByText("Open: 3 at 1,010.00").waitFor();
  await row.getByText("1,010.00").waitFor();
  await ticket.getByRole("button", { name: "Cancel order" }).click();
  await ticket.getByText(/^Cancelled/).waitFor();
  await row.getByText("cancelled", { exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

it("sends a stop only with its trigger on the far side of the market", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  const ticket = await openTicket(page, "RELIANCE", "Sell");
  await ticket.getByRole("radio", { name: "SL", exact: true }).check();
  const send = ticket.getByRole("button", { name: "Sell 1 on paper" });
  await send.click();
  await expect.poll(() => ticket.getByText("Needed").count()).toBe(2);
  await ticket.getByLabel("Trigger price", { exact: true }).fill("90000");
  await ticket.getByLabel("Price", { exact: true }).fill("90001");
  await send.click();
  await ticket.getByText(/Below the last price/).waitFor();
  await ticket.getByText("At or below the trigger").waitFor();
  await shot(page, "ticket-sl-wrong-1440");
  await ticket.getByLabel("Trigger price", { exact: true }).fill("900");
  await ticket.getByLabel("Price", { exact: true }).fill("899");
  await send.click();
  await ticket.getByText("Waits for its trigger at 900.00").waitFor();
});

it("trades options by the lot, and splits what the exchange takes only in parts", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  await page.keyboard.press("/");
  await page.getByPlaceholder("Page or command").fill("NIFTY CE");
  const option = page.getByRole("option", { name: /^NIFTY\d.*CE/ }).first();
  await option.waitFor();
  await shot(page, "palette-instruments-1440");
  await option.click();
  await page.getByRole("option", { name: /^Watch in/ }).waitFor();
  await shot(page, "palette-actions-1440");
  await page.getByRole("option", { name: "Buy" }).click();
  const ticket = ticketOf(page);
  await ticket.getByText("1 lot = 65 units").waitFor();
  const lots = ticket.getByLabel("Lots", { exact: true });
  await lots.press("ArrowUp");
  await ticket.getByText("= 2 lots (130 units)").waitFor();
  await ticket.getByRole("button", { name: "Buy 130 on paper" }).click();
  await ticket.getByText(/^Filled: 130 at/).waitFor();

  await ticket.getByRole("button", { name: "Another" }).click();
  await ticket.getByRole("radio", { name: "LIMIT" }).check();
  await ticket.getByLabel("Price", { exact: true }).fill("0.05");
  await lots.fill("60");
  await ticket.getByText("2 orders of 1,755 and one of 390").waitFor();
  await shot(page, "ticket-split-1440");
  await ticket.getByRole("button", { name: "Buy 3,900 in 3 orders on paper" }).click();
  await expect.poll(() => ticket.getByText(/^(Open|Filled): 1,755/).count()).toBe(2);
  await expect.poll(() => ticket.getByText(/^(Open|Filled): 390/).count()).toBe(1);
  await shot(page, "ticket-split-sent-1440");
});

it("says why an order is rejected, and keeps what was typed", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  const ticket = await openTicket(page, "HDFCBANK", "Sell");
  await ticket.getByRole("radio", { name: "CNC delivery" }).check();
  await ticket.getByRole("button", { name: "Sell 1 on paper" }).click();
  await ticket.getByText(/CNC \(delivery\) requires existing shares/).waitFor();
  await shot(page, "ticket-rejected-1440");
  expect(await ticket.getByLabel("Quantity", { exact: true }).inputValue()).toBe("1");
});

it("sets a GTT, single and in pairs", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  const ticket = await openTicket(page, "SBIN", "Buy");
  await ticket.getByRole("radio", { name: "GTT", exact: true }).check();
  await ticket.getByLabel("Trigger price", { exact: true }).fill("500");
  await ticket.getByText("Sets off at or below").waitFor();
  await ticket.getByLabel("Limit price", { exact: true }).fill("499");
  await shot(page, "ticket-gtt-1440");
  await ticket.getByRole("button", { name: "Set GTT to buy 1 on paper" }).click();
  await ticket.getByText(/^GTT-/).waitFor();
  await ticket.getByRole("button", { name: "Another" }).click();

  await ticket.getByRole("radio", { name: "GTT OCO" }).check();
  await ticket.getByLabel("Target trigger", { exact: true }).fill("500");
  await ticket.getByLabel("Target limit", { exact: true }).fill("501");
  await ticket.getByLabel("Stop-loss trigger", { exact: true }).fill("2000");
  await ticket.getByLabel("Stop-loss limit", { exact: true }).fill("2001");
  await shot(page, "ticket-oco-1440");
  await ticket.getByRole("button", { name: "Set GTT to buy 1 on paper" }).click();
  await ticket.getByText(/^GTT-/).waitFor();
  await ticket.getByRole("button", { name: "Cancel GTT" }).click();
  await ticket.getByText("GTT cancelled").waitFor();
});

it("opens by B and S for the row under the pointer, and never while typing", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  const orders: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/placeorder")) orders.push(request.url());
  });
  await watched(page, "INFY").hover();
  await page.keyboard.press("s");
  const ticket = ticketOf(page);
  await ticket.getByRole("button", { name: "Sell 1 on paper" }).waitFor();
  const quantity = ticket.getByLabel("Quantity", { exact: true });
  await quantity.fill("12");
  await quantity.press("b");
  expect(await ticket.getByRole("radio", { name: "SELL" }).isChecked()).toBe(true);
  await quantity.fill("12");
  await page.keyboard.press("Escape");
  await ticket.waitFor({ state: "hidden" });

  await watched(page, "INFY").hover();
  await page.keyboard.press("b");
  await ticket.getByRole("button", { name: "Buy 12 on paper" }).waitFor();
  await page.keyboard.press("Escape");

  await watched(page, "INDIAVIX").hover();
  await page.keyboard.press("b");
  await page.getByRole("dialog", { name: "Buy which instrument?" }).waitFor();
  await page.keyboard.press("Escape");
  await page.mouse.move(700, 5);
  await page.keyboard.press("s");
  const search = page.getByRole("dialog", { name: "Sell which instrument?" });
  await search.getByRole("combobox").fill("TCS");
  await search
    .getByRole("option", { name: /^TCS.*NSE/ })
    .first()
    .click();
  await ticket.getByRole("button", { name: "Sell 1 on paper" }).waitFor();
  expect(orders).toEqual([]);
});

it("keeps a half-typed order when the session ends, and sends nothing by itself", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  const ticket = await openTicket(page, "RELIANCE", "Buy");
  await ticket.getByLabel("Quantity", { exact: true }).fill("7");
  await ticket.locator("[aria-busy=false]", { hasText: "Left after it" }).waitFor();
  await endSessionAt(page, "/ui/v1/placeorder");
  await ticket.getByRole("button", { name: "Buy 7 on paper" }).click();
  const login = page.getByRole("dialog", { name: "Log in to go on" });
  await login.getByLabel("Password").fill(PASSWORD);
  await shot(page, "ticket-session-1440");
  await login.getByRole("button", { name: "Log in" }).click();
  await login.waitFor({ state: "hidden" });
  expect(await ticket.getByLabel("Quantity", { exact: true }).inputValue()).toBe("7");
  expect(await ticket.getByText(/^Filled/).count()).toBe(0);
  await ticket.getByRole("button", { name: "Buy 7 on paper" }).click();
  await ticket.getByText(/^Filled: 7 at/).waitFor();
});

it("does not pretend to know what became of an order without a reply", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  const ids: unknown[] = [];
  await page.route("**/ui/v1/placeorder", async (route) => {
    ids.push(route.request().postDataJSON().client_order_id);
    // It arrives, and the reply is lost.
    const reply = await route.fetch();
    if (ids.length === 1) await route.abort("connectionreset");
    else await route.fulfill({ response: reply });
  });
  const ticket = await openTicket(page, "HDFCBANK", "Buy");
  await ticket.getByRole("button", { name: "Buy 1 on paper" }).click();
  await ticket.getByText("Nobody knows yet whether this was placed").waitFor();
  await shot(page, "ticket-unknown-1440");
  await ticket.getByRole("button", { name: "Back to the form" }).click();
  await ticket.getByRole("button", { name: "Buy 1 on paper" }).click();
  await ticket.getByText(/^Filled: 1 at/).waitFor();
  expect(ids[1]).toBe(ids[0]);
  await ticket.getByRole("link", { name: "orderbook" }).waitFor({ state: "hidden" });
  await page.getByRole("link", { name: "Orderbook" }).first().click();
  const rows = page.getByRole("row", { name: /HDFCBANK.*filled/ });
  await rows.first().waitFor();
  expect(await rows.count()).toBe(1);
});

it("asks once more where money is real, and an Enter too many sends nothing", async () => {
  const { page } = await stage.page();
  await pretendLive(page);
  const orders: unknown[] = [];
  await page.route("**/ui/v1/placeorder", async (route) => {
    // The server would refuse an order for real money of an account that is on paper.
    const { "x-mode": mode, ...headers } = route.request().headers();
    orders.push({ ...route.request().postDataJSON(), mode });
    await route.continue({ headers });
  });
  await openAs(page, "/dashboard");
  await page.getByRole("button", { name: "Buy, sell and more: INFY" }).first().click();
  await page.getByRole("menuitem", { name: "Sell" }).click();
  const ticket = ticketOf(page);
  await ticket.getByText("REAL MONEY").first().waitFor();
  const quantity = ticket.getByLabel("Quantity", { exact: true });
  await quantity.fill("4");
  await shot(page, "ticket-live-1440");
  await quantity.press("Enter");
  const question = page.getByRole("dialog", { name: "Sell 4 INFY?" });
  await question.getByText("REAL MONEY · Default").waitFor();
  await shot(page, "ticket-live-confirm-1440");
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "ticket-live-confirm-1440-dark");
  await page.setViewportSize({ width: 390, height: 780 });
  await shot(page, "ticket-live-confirm-390-dark");
  await page.setViewportSize({ width: 1440, height: 900 });
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await question.waitFor({ state: "hidden" });
  expect(orders).toEqual([]);
  await ticket.getByRole("button", { name: /^Sell 4 with real money/ }).click();
  await question.getByRole("button", { name: "Sell 4 with real money" }).dblclick();
  await ticket.getByText(/^(Filled|Accepted|Open|Rejected)/).waitFor();
  expect(orders).toHaveLength(1);
  expect(orders[0]).toMatchObject({ action: "SELL", quantity: 4, symbol: "INFY", mode: "live" });
});

it("sends nothing to an account that trades otherwise than the page shows", async () => {
  const { page } = await stage.page();
  await pretendLive(page);
  await openAs(page, "/dashboard");
  await page.getByRole("button", { name: "Buy, sell and more: SBIN" }).first().click();
  await page.getByRole("menuitem", { name: "Buy" }).click();
  await ticketOf(page)
    .getByRole("button", { name: /with real money/ })
    .click();
  const question = page.getByRole("dialog", { name: /^Buy .* SBIN\?$/ });
  await question.getByRole("button", { name: /with real money/ }).click();
  await page.getByText("this account trades on paper now").first().waitFor();
});

it.each([
  [390, "light"],
  [360, "dark"],
] as const)("fits a phone of %s px, %s", async (width, colorScheme) => {
  const { page } = await stage.page({ width, height: 780 });
  await page.emulateMedia({ colorScheme });
  await openAs(page, "/dashboard");
  await place(page, apiKey, { symbol: "SBIN", action: "BUY", quantity: 1 });
  const ticket = await openTicket(page, "SBIN", "Buy");
  await shot(page, `ticket-market-${width}`);
  await ticket.getByRole("radio", { name: "SL", exact: true }).check();
  await shot(page, `ticket-sl-${width}`);
  expect(await findings(page)).toEqual([]);
  const send = ticket.getByRole("button", { name: "Buy 1 on paper" });
  const box = await send.boundingBox();
  expect(box && box.y + box.height).toBeLessThanOrEqual(780);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
});
