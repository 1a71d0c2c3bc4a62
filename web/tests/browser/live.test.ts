import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { formatMoney } from "../../src/lib/numbers";
import { findings } from "./axe";
import { shot, shotOnBoth } from "./shot";
import { makeUser, openAs, Stage } from "./stage";
import { APP, Twin } from "./twin";

/**
 * A day of a trader with real money: a browser, our server, and the twin of a broker. Each journey
 * goes on where the one before it ended, on the same page.
 */
let twin: Twin;
let stage: Stage;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  stage = await Stage.open({
    alwaysOpen: true,
    settings: async (origin) => {
      twin = await Twin.open(origin);
      await twin.cash({ equity: 800_000, commodity: 76_543 });
      return { BROKER_ENDPOINTS: twin.setting };
    },
  });
  const opened = await stage.page();
  page = opened.page;
  complaints = opened.complaints;
  await makeUser(page);
  await openAs(page, "/accounts");
});
afterAll(async () => {
  await stage?.close();
  await twin?.close();
});

const ticket = (): Locator => page.getByRole("dialog", { name: /^REAL MONEY/ });
const button = (name: string | RegExp): Locator => page.getByRole("button", { name });
const row = (name: RegExp): Locator => page.getByRole("row", { name });
const card = (): Locator => page.locator("main section", { hasText: "Kite" }).last();

async function go(title: string): Promise<void> {
  await page
    .getByRole("navigation", { name: "Pages" })
    .first()
    .getByRole("link", { name: title })
    .click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

/** Finds a share of the twin, and opens the ticket for it. */
async function openTicket(
  action: "BUY" | "SELL",
  symbol: string,
  option = new RegExp(`^${symbol}.*NSE`),
): Promise<void> {
  await page.getByRole("button", { name: "Order", exact: true }).click();
  const search = page.getByRole("dialog", { name: /which instrument/ });
  await search.getByRole("combobox").fill(symbol);
  await search.getByRole("option", { name: option }).first().click();
  await ticket().getByRole("radio", { name: action }).check();
}

/** Presses the ticket's button, and says once more that it is meant. */
async function sendTicket(verb: string | RegExp, question: string | RegExp): Promise<void> {
  const name = typeof verb === "string" ? `${verb} with real money` : verb;
  await ticket().getByRole("button", { name }).click();
  const confirm = page.getByRole("dialog", { name: question });
  await confirm.getByText("REAL MONEY · Kite, Zerodha").waitFor();
  await confirm.getByRole("button", { name }).click();
  await confirm.waitFor({ state: "hidden" });
}

/** The next answer to `route` does not come, and as long as the `books` cannot be read, nobody finds out. */
async function loseAnswer(route: string, ...books: string[]): Promise<void> {
  await twin.fault({ kind: "reset_after", route, count: 1 });
  for (const book of books) await twin.fault({ kind: "status", route: book, status: 502 });
}

it("connects an account at the broker's own login page, and brings its instruments", async () => {
  await button("Add account").click();
  const adding = page.getByRole("dialog", { name: "Add account" });
  await adding.getByLabel("Broker").selectOption({ label: "Zerodha" });
  await adding.getByLabel("Name").fill("Kite");
  await shotOnBoth(page, "01-add");
  await adding.getByRole("button", { name: "Add it" }).click();
  const sheet = page.getByRole("dialog", { name: "Connect Kite" });
  await sheet.getByText(`${stage.origin}/zerodha/callback`).waitFor();
  await sheet.getByLabel("API key").fill(APP.key);
  await sheet.getByLabel("API secret").fill(APP.secret);
  await shotOnBoth(page, "02-app");
  await sheet.getByRole("button", { name: "Save" }).click();
  await twin.fault({ kind: "delay", route: "instruments", delay_ms: 5000 });
  await sheet.getByRole("button", { name: "Continue at Zerodha" }).click();
  await page.waitForURL("**/accounts");
  await page.getByText("Kite is connected to Zerodha", { exact: true }).waitFor();
  await card().getByText("connected", { exact: true }).waitFor();
  await card().getByRole("progressbar", { name: "Download of the instruments" }).waitFor();
  await shotOnBoth(page, "03-downloading");
  await page.setViewportSize({ width: 360, height: 780 });
  expect(await card().evaluate((box) => box.scrollWidth - box.clientWidth)).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1440, height: 900 });
  await card()
    .getByText(/^[1-9][\d,]+$/)
    .waitFor();
  await twin.calm();
  await shotOnBoth(page, "04-ready");
  expect(await findings(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

it("goes live only after a question, and says so in words and in colour", async () => {
  await card().getByRole("button", { name: "Use here" }).click();
  await button("Account Kite. Change").waitFor();
  const paper = button(/^PAPER simulated money/);
  const paperColour = await colourOf(paper);
  await paper.click();
  const question = page.getByRole("dialog", { name: "Trade Kite with real money?" });
  await shotOnBoth(page, "05-go-live");
  await question.getByRole("button", { name: "Go live" }).click();
  const live = button(/^LIVE real money/);
  await live.waitFor();
  expect(await colourOf(live)).not.toBe(paperColour);
  expect(await page.title()).toBe("LIVE · Accounts · OpenAlgo");
  await card().getByText("LIVE", { exact: true }).waitFor();
  await go("Dashboard");
  await page.getByText("₹8,76,543.00").waitFor();
  await shotOnBoth(page, "06-dashboard");
  expect(await findings(page)).toEqual([]);
});

it("buys at the market, and finds the order in every book", async () => {
  await twin.price("NSE:SBIN", 905);
  await openTicket("BUY", "SBIN");
  await ticket().getByText("905.00").first().waitFor();
  await twin.price("NSE:SBIN", 906);
  await ticket().getByText("906.00").first().waitFor();
  await ticket().getByLabel("Quantity", { exact: true }).fill("10");
  await shotOnBoth(page, "07-ticket");
  await sendTicket("Buy 10", "Buy 10 SBIN?");
  await ticket()
    .getByText(/^Filled: 10 at 906\.\d\d$/)
    .waitFor();
  await shotOnBoth(page, "08-filled");
  const [held] = await twin.orders("SBIN");
  expect(held).toMatchObject({ transaction_type: "BUY", quantity: 10, status: "COMPLETE" });
  await button("Close the ticket").click();

  const paid = held?.average_price ?? 0;
  await go("Orderbook");
  await row(/SBIN.*filled/)
    .getByText(paid.toFixed(2))
    .waitFor();
  await shotOnBoth(page, "09-orderbook");
  await go("Tradebook");
  await row(/SBIN/).getByText(paid.toFixed(2)).waitFor();
  await shotOnBoth(page, "10-tradebook");
  await go("Positions");
  await twin.price("NSE:SBIN", 910);
  const made = (910 - paid) * 10;
  await row(/SBIN/)
    .getByText(`+₹${made.toFixed(2)}`)
    .first()
    .waitFor();
  await shotOnBoth(page, "11-positions");
  await twin.price("NSE:SBIN", 900);
  await row(/SBIN/)
    .getByText(`−₹${((paid - 900) * 10).toFixed(2)}`)
    .first()
    .waitFor();
  expect(await findings(page)).toEqual([]);
});

it("changes a limit order while it waits, cancels it, and closes the position", async () => {
  await openTicket("BUY", "SBIN");
  await ticket().getByRole("radio", { name: "LIMIT" }).check();
  await ticket().getByLabel("Quantity", { exact: true }).fill("5");
  await ticket().getByLabel("Price", { exact: true }).fill("880");
  await sendTicket("Buy 5", "Buy 5 SBIN?");
  await ticket().getByText("Open: 5 at 880.00").waitFor();
  await button("Close the ticket").click();

  await go("Orderbook");
  const waiting = row(/SBIN.*LIMIT/);
  await waiting.getByRole("button", { name: "Modify" }).click();
  await ticket().getByLabel("Price", { exact: true }).fill("882.5");
  await shotOnBoth(page, "12-modify");
  await sendTicket("Change the order", "Change to: Buy 5 SBIN?");
  await ticket().getByText("Open: 5 at 882.50").waitFor();
  await waiting.getByText("882.50").waitFor();
  await button("Close the ticket").click();
  await waiting.getByRole("button", { name: "Cancel", exact: true }).click();
  await shotOnBoth(page, "13-cancel");
  await waiting.getByText("cancelled", { exact: true }).waitFor();
  const [, limit] = await twin.orders("SBIN");
  expect(limit).toMatchObject({ status: "CANCELLED", modifications: 1, filled_quantity: 0 });

  await go("Positions");
  await button("Close SBIN MIS").click();
  const question = page.getByRole("dialog", { name: "Close SBIN MIS?" });
  await question.getByText("REAL MONEY").waitFor();
  await shot(page, "14-close-1440");
  await question.getByRole("button", { name: "Sell at market" }).click();
  await button("Closed 1").waitFor();
  await button("Open 0").waitFor();
  await shotOnBoth(page, "15-closed");
  const exit = (await twin.orders("SBIN")).at(-1);
  expect(exit).toMatchObject({ transaction_type: "SELL", filled_quantity: 10 });
});

it("shows an order of the broker's own app as it is placed there, without a reload", async () => {
  await twin.price("NSE:INFY", 1500);
  await go("Orderbook");
  await row(/SBIN.*filled/)
    .first()
    .waitFor();
  const order = await twin.place("INFY", 1490);
  const elsewhere = row(/INFY/);
  await elsewhere.getByText("open", { exact: true }).waitFor();
  await shotOnBoth(page, "16-elsewhere");
  await twin.price("NSE:INFY", 1489);
  await elsewhere.getByText("✓ filled").waitFor();
  expect((await twin.orders("INFY"))[0]).toMatchObject({ order_id: order, filled_quantity: 1 });
  await go("Positions");
  await row(/INFY/).getByText("1,490.00").waitFor();
});

it("says that an order's fate is unknown, finds it, and sends nothing twice", async () => {
  await go("Orderbook");
  await twin.price("NSE:TCS", 3600);
  await loseAnswer("orders.place", "orders.book", "orders.history");
  await openTicket("BUY", "TCS");
  await sendTicket("Buy 1", "Buy 1 TCS?");
  await ticket().getByText("Nobody knows yet whether this was placed").waitFor();
  await shotOnBoth(page, "17-unknown");
  await twin.calm();
  await ticket()
    .getByText(/^Filled: 1 at/)
    .waitFor();
  await row(/TCS.*filled/).waitFor();
  await shotOnBoth(page, "18-found");
  expect(await twin.orders("TCS")).toHaveLength(1);
  expect(await row(/TCS/).count()).toBe(1);

  // Who does not wait for that and sends it once more gets the same order.
  await loseAnswer("orders.place", "orders.book", "orders.history");
  await ticket().getByRole("button", { name: "Another" }).click();
  await sendTicket("Buy 1", "Buy 1 TCS?");
  await ticket().getByRole("button", { name: "Back to the form" }).click();
  await sendTicket("Buy 1", "Buy 1 TCS?");
  await ticket().getByText("Nobody knows yet whether this was placed").waitFor();
  await twin.calm();
  await ticket()
    .getByText(/^Filled: 1 at/)
    .waitFor();
  expect(await twin.orders("TCS")).toHaveLength(2);
  await button("Close the ticket").click();
});

it("tells of each part of a large order, and of one without an answer once it is found", async () => {
  await openTicket("BUY", "NIFTY CE", /^NIFTY.*CE.*NFO/);
  await ticket().getByRole("radio", { name: "LIMIT" }).check();
  await ticket().getByLabel("Price", { exact: true }).fill("0.05");
  await ticket().getByLabel("Lots", { exact: true }).fill("60");
  await ticket()
    .getByText(/2 orders of 1,\d{3} and one of \d{3}\.$/)
    .waitFor();
  await loseAnswer("orders.place", "orders.book", "orders.history");
  await sendTicket(/^Buy [\d,]+ in 3 orders with real money/, /^Buy [\d,]+ NIFTY.*\?/);
  const unsure = ticket().getByText(/^Outcome unknown: 1,\d{3}$/);
  await unsure.waitFor();
  await ticket()
    .getByText(/^Open: /)
    .nth(1)
    .waitFor();
  await shotOnBoth(page, "19-part-unknown");
  await twin.calm();
  await unsure.waitFor({ state: "hidden" });
  await ticket()
    .getByText(/^Open: .* at 0.05$/)
    .nth(2)
    .waitFor();
  for (const waiting of [3, 2, 1]) {
    await expect.poll(() => button("Cancel order").count()).toBe(waiting);
    await button("Cancel order").first().click();
  }
  await ticket()
    .getByText(/^Cancelled: /)
    .nth(2)
    .waitFor();
  await button("Close the ticket").click();
  expect(complaints).toEqual([]);
});

it("finds a GTT that was not answered, and takes it away", async () => {
  await openTicket("SELL", "TCS");
  await ticket().getByRole("radio", { name: "GTT", exact: true }).check();
  await ticket().getByLabel("Trigger price", { exact: true }).fill("3400");
  await ticket().getByLabel("Limit price", { exact: true }).fill("3390");
  await loseAnswer("gtt.place", "gtt.book");
  await sendTicket("Set GTT to sell 1", /TCS.*\?$/);
  await ticket().getByText("Nobody knows yet whether this was placed").waitFor();
  await twin.calm();
  await ticket().getByText("GTT set: waits for the price").waitFor();
  await ticket().getByRole("button", { name: "Cancel GTT" }).click();
  await ticket().getByText("GTT cancelled").waitFor();
  await button("Close the ticket").click();
  expect(complaints).toEqual([]);
});

it("shows the profit of the day as the broker's trades made it", async () => {
  await twin.price("NSE:INFY", 1510);
  await twin.price("NSE:TCS", 3595);
  const sbin = await twin.orders("SBIN");
  const made = sbin.reduce(
    (sum, { transaction_type: side, filled_quantity: filled, average_price: price }) =>
      sum + (side === "SELL" ? filled : -filled) * price,
    0,
  );
  const [tcs] = await twin.orders("TCS");
  const open = 1510 - 1490 + 2 * (3595 - (tcs?.average_price ?? 0));
  await go("P&L tracker");
  await page.getByText(/, at your broker$/).waitFor();
  await page.locator("dl div", { hasText: "Realised" }).first().getByText(signed(made)).waitFor();
  await page.locator("dl div", { hasText: "Unrealised" }).getByText(signed(open)).waitFor();
  await page
    .locator("dl div", { hasText: "P&L today" })
    .getByText(signed(made + open))
    .waitFor();
  await row(/SBIN/).getByText(signed(made)).first().waitFor();
  await row(/INFY/).getByText("+₹20.00").first().waitFor();
  await row(/TCS/).getByText("−₹10.00").first().waitFor();
  await shotOnBoth(page, "19-pnl");
  expect(await findings(page)).toEqual([]);
});

it("says that the broker ended the session, and goes on after one press", async () => {
  await go("Positions");
  await openTicket("SELL", "INFY");
  await ticket().getByRole("radio", { name: "LIMIT" }).check();
  await ticket().getByLabel("Price", { exact: true }).fill("1511");
  await twin.endSession();
  const banner = page.getByRole("status").filter({ hasText: "Zerodha ended the session" });
  await banner.getByText("Orders are refused").waitFor();
  await button(/^No prices/).waitFor();
  await shotOnBoth(page, "20-ended");
  await banner.getByRole("button", { name: "Reconnect Zerodha" }).click();
  await page.getByText("Kite is connected to Zerodha", { exact: true }).waitFor();
  await page.waitForURL("**/positions");
  await banner.waitFor({ state: "hidden" });
  await button(/^Live\./).waitFor();
  await button(/^LIVE real money/).waitFor();
  await row(/INFY/).getByText("1,510.00").waitFor();
  await twin.price("NSE:INFY", 1512);
  await row(/INFY/).getByText("1,512.00").waitFor();
  // What was being typed is there again, and was not sent by itself.
  expect(await ticket().getByLabel("Price", { exact: true }).inputValue()).toBe("1511");
  expect(await twin.orders("INFY")).toHaveLength(1);
  await shotOnBoth(page, "21-again");
  await sendTicket("Sell 1", "Sell 1 INFY?");
  await ticket()
    .getByText(/^Filled: 1 at/)
    .waitFor();
  expect(complaints).toEqual([]);
});

function colourOf(element: Locator): Promise<string> {
  return element.evaluate((shown) => getComputedStyle(shown).backgroundColor);
}

function signed(rupees: number): string {
  return formatMoney(rupees, { signed: true });
}
