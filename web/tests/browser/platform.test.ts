import { afterAll, beforeAll, expect, it } from "vitest";
import { shot } from "./shot";
import { copiedBy, makeUser, openAs, place, Stage } from "./stage";

let stage: Stage;
let apiKey = "";

beforeAll(async () => {
  stage = await Stage.open();
  const { page } = await stage.page();
  apiKey = await makeUser(page);
});
afterAll(() => stage?.close());

it("guides a newcomer, and sees for itself that the first order was placed", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  const steps = page.locator("section", { hasText: "First steps" }).last();
  await steps.getByText("Place a first paper order: to do").waitFor();
  await steps.getByText("Have an API key: done").waitFor();
  await shot(page, "checklist-1440");
  await place(page, apiKey, { symbol: "SBIN", action: "BUY", quantity: 10 });
  const done = page.locator("section", { hasText: "All set" }).last();
  await done.getByText("Place a first paper order: done").waitFor();

  await page.getByRole("button", { name: /^Activity, \d+ new/ }).click();
  await page.getByRole("dialog", { name: "Activity" }).getByText("Filled: BUY 10 SBIN").waitFor();
  await shot(page, "activity-1440");
  await page.keyboard.press("Escape");
  await done.getByRole("button", { name: "Close" }).click();
  await done.waitFor({ state: "hidden" });

  await page.getByRole("list", { name: "Indices" }).getByText("BANKNIFTY").click();
  await page.waitForURL("**/trading?*symbol=BANKNIFTY*");
});

it("sends requests by hand, and keeps the key nowhere", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/playground");
  await page.getByLabel("Find an operation").fill("current quote");
  await page.getByRole("navigation", { name: "Operations" }).getByRole("button").first().click();
  await page.getByRole("button", { name: "Use my default key" }).click();
  await page.getByRole("button", { name: "Forget" }).waitFor();

  const body = page.getByLabel("Body (JSON)");
  await body.fill('{"symbol": "SBIN", "exchange": ');
  expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
  await body.fill('{"symbol": "SBIN", "exchange": "NSE"}');
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("✓ 200").first().waitFor();
  const reply = page.getByRole("region", { name: "Reply" }).getByText('"ltp"');
  await reply.waitFor();
  await shot(page, "playground-reply-1440");

  const command = await copiedBy(page.getByRole("button", { name: "Copy as cURL" }));
  expect(command).toContain("/api/v1/quotes");
  expect(command).not.toContain(apiKey);
  expect(await copiedBy(page.getByRole("button", { name: "Copy as Python" }))).toContain(
    'client.quotes(\n    symbol="SBIN",\n    exchange="NSE",\n)',
  );

  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.cookie]),
  );
  expect(kept).not.toContain(apiKey);
  await page.getByRole("link", { name: "Dashboard" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Playground" }).waitFor();
  expect(await page.getByLabel("API key").inputValue()).toBe("");
  expect(complaints).toEqual([]);
});

it("says what refuses a request, and keeps the visit's requests", async () => {
  const { page } = await stage.page();
  await openAs(page, "/playground");
  await page.getByLabel("API key").fill("not-a-key-of-this-server-0123456789");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("✕ 403").first().waitFor();
  await page.getByText('"code": "invalid_api_key"').waitFor();
  const history = page.locator("section", { hasText: "This visit" }).last();
  await history.getByRole("button", { name: /403/ }).waitFor();
});

it("speaks with the WebSocket by hand", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/playground");
  await page.getByRole("tab", { name: "WebSocket" }).click();
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByText("✓ connected").waitFor();
  await page.getByRole("button", { name: "Authenticate by session" }).click();
  const frames = page.getByRole("region", { name: "Frames" });
  await frames.getByText(/"type":"auth","status":"success"/).waitFor();
  await page.getByRole("button", { name: "Subscribe", exact: true }).click();
  await frames
    .getByText(/"type":"market_data"/)
    .first()
    .waitFor();
  await frames.getByRole("button", { name: /"type":"auth"/ }).click();
  await page.getByRole("dialog", { name: "A frame" }).getByText('"status": "success"').waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText(/^[1-9]\d* passed by$/).waitFor();
  await shot(page, "socket-1440");
  await page.getByRole("button", { name: "Disconnect" }).click();
  await page.getByText("closed", { exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

it("shows holidays, and says of an unknown year that it is unknown", async () => {
  const { page } = await stage.page();
  await openAs(page, "/calendar");
  await page.getByRole("heading", { name: /^Today, / }).waitFor();
  await page
    .locator("li", { hasText: "NSE" })
    .filter({ hasText: /(opens|closes) / })
    .first()
    .waitFor();
  const year = Number(
    await page
      .getByRole("status")
      .filter({ hasText: /^20\d\d$/ })
      .textContent(),
  );
  for (let shown = year; shown > 2026; shown -= 1) {
    await page.getByRole("button", { name: "The year before" }).click();
  }
  const past = page.getByLabel(/that are past$/);
  const holiday = page.getByRole("row", { name: /Republic Day/ });
  await past.or(holiday).first().waitFor();
  if ((await past.count()) > 0) await past.check();
  await holiday.getByText("Closed:").waitFor();
  await page.getByLabel("Exchange").selectOption("MCX");
  await page
    .getByRole("row", { name: /New Year's Day/ })
    .getByText("09:00")
    .waitFor();
  await page.getByLabel("Exchange").selectOption("");
  for (let shown = Math.min(year, 2026); shown < 2040; shown += 1) {
    await page.getByRole("button", { name: "The year after" }).click();
  }
  await page.getByText("The holidays of 2040 are not known here").waitFor();
});

it("stops the account and lets it trade again", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/dashboard");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Page or command").fill("kill");
  await page.getByRole("option", { name: /Stop trading/ }).click();
  const question = page.getByRole("dialog", { name: /Stop .* from trading\?/ });
  await shot(page, "kill-question-1440");
  await question.getByRole("button", { name: "Engage the kill switch" }).click();
  await page.getByText("Kill switch engaged: only exits are taken.").waitFor();
  await shot(page, "kill-engaged-1440");

  const refused = await page.request.post("/api/v1/placeorder", {
    data: {
      apikey: apiKey,
      strategy: "journey",
      symbol: "INFY",
      exchange: "NSE",
      action: "BUY",
      quantity: 1,
      pricetype: "MARKET",
      product: "MIS",
    },
  });
  expect(refused.status()).toBe(400);
  expect((await refused.json()).code).toBe("risk_kill_switch");

  await page.goto("/risk");
  await page.getByRole("button", { name: "Release the kill switch" }).click();
  const again = page.getByRole("dialog", { name: /trade again\?/ });
  await again.getByRole("button", { name: "Release the kill switch" }).click();
  await page.getByText("Kill switch engaged").waitFor({ state: "hidden" });
  await place(page, apiKey, { symbol: "INFY", action: "BUY", quantity: 1 });
  expect(complaints).toEqual([]);
});

it("says what is wrong with a limit, and keeps to one that is set", async () => {
  const { page } = await stage.page();
  await openAs(page, "/risk");
  const quantity = page.getByLabel(/Units in one order/);
  await quantity.fill("ten");
  await page.getByText("This is no number.").waitFor();
  expect(await page.getByRole("button", { name: "Save the limits" }).isDisabled()).toBe(true);
  await quantity.fill("-5");
  await page.getByRole("button", { name: "Save the limits" }).click();
  await page.getByRole("alert").getByText("The marked fields say why").waitFor();
  expect(await quantity.getAttribute("aria-invalid")).toBe("true");
  await shot(page, "limit-error-1440");
  await quantity.fill("1,000");
  await page.getByLabel(/Orders in a day/).fill("200");
  await page.getByRole("button", { name: "Save the limits" }).click();
  await page.getByText("The limits hold from the next order on", { exact: true }).waitFor();
  await page.getByText("of 200").waitFor();
  await expect(
    place(page, apiKey, { symbol: "SBIN", action: "BUY", quantity: 1001 }),
  ).rejects.toThrow("risk_max_quantity");
});

it("downloads instruments and says how many there are", async () => {
  const { page } = await stage.page();
  await openAs(page, "/master-contract");
  await page.getByText("✓ ready").waitFor();
  await page.getByRole("row", { name: /NFO/ }).waitFor();
  await page.getByRole("button", { name: "Download anew" }).click();
  await page.getByText(/^Download started/).waitFor();
  await page.getByText("✓ ready").waitFor();
  await page.getByRole("button", { name: /^Activity, \d+ new/ }).click();
  await page.getByText(/instruments in force$/).waitFor();
});

it("tells what paper trading came to", async () => {
  const { page } = await stage.page();
  await place(page, apiKey, { symbol: "RELIANCE", action: "BUY", quantity: 2 });
  await place(page, apiKey, { symbol: "RELIANCE", action: "SELL", quantity: 2 });
  await openAs(page, "/sandbox/mypnl");
  await page.getByRole("img", { name: /^Result of each day/ }).waitFor();
  await page.getByRole("row", { name: /so far/ }).waitFor();
  await page.getByRole("tab", { name: /^Positions/ }).click();
  await page
    .getByRole("row", { name: /RELIANCE/ })
    .getByText("closed")
    .waitFor();
  await page.getByRole("tab", { name: "Trades" }).click();
  const trades = page.getByRole("row", { name: /RELIANCE/ });
  await expect.poll(() => trades.count()).toBe(2);
  const saving = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV of trades" }).click();
  expect((await saving).suggestedFilename()).toBe("sandbox_trades.csv");
  await place(page, apiKey, { symbol: "TCS", action: "BUY", quantity: 1 });
  await page.getByRole("row", { name: /TCS/ }).waitFor();
});

it("filters the calls of the analyzer, and shows what was asked and answered", async () => {
  const { page } = await stage.page();
  await openAs(page, "/analyzer");
  await page.getByLabel("Outcome").selectOption("refused");
  const refused = page.getByRole("row", { name: /limit of 1,000/ });
  await refused.getByRole("button", { name: "Details" }).click();
  await page.getByRole("dialog").getByText('"risk_max_quantity"').waitFor();
  await page.keyboard.press("Escape");
  await page.getByLabel("Symbol, order id or error").fill("no such symbol");
  await page.getByRole("button", { name: "Show all" }).click();
  await page
    .getByRole("row", { name: /accepted/ })
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("button", { name: "Forget them" }).click();
  await page.getByText(/^Deleted \d+ requests/).waitFor();
});

it("says that a broker is not connected, and takes the user there", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/accounts");
  await page.getByRole("button", { name: "Add account" }).click();
  const adding = page.getByRole("dialog", { name: "Add account" });
  await adding.getByLabel("Broker").selectOption({ label: "Zerodha" });
  await adding.getByLabel("Name").fill("Family");
  await adding.getByRole("button", { name: "Add it" }).click();
  const sheet = page.getByRole("dialog", { name: "Connect Family" });
  await sheet.getByText("1. Your app at Zerodha").waitFor();
  await shot(page, "broker-sheet-1440");
  await page.keyboard.press("Escape");

  const card = page.locator("section", { hasText: "Family" }).last();
  await card.getByRole("button", { name: "Use here" }).click();
  const banner = page.getByRole("status").filter({ hasText: "Family is not connected to Zerodha" });
  await banner.waitFor();
  await shot(page, "broker-banner-1440");
  await banner.getByRole("button", { name: "Connect Zerodha" }).click();
  await sheet.waitFor();

  for (const field of await sheet.locator("input").all()) await field.fill("abcdefgh12345678");
  await sheet.getByRole("button", { name: "Save" }).click();
  await sheet.getByRole("button", { name: "Change" }).waitFor();
  await page.keyboard.press("Escape");
  // With its app named, one press leads to the broker's own login page.
  const asked = page.waitForRequest((request) => !request.url().startsWith(stage.origin));
  await page.route(
    (url) => url.origin !== stage.origin,
    (route) => route.abort(),
  );
  await banner.getByRole("button", { name: "Connect Zerodha" }).click();
  expect(new URL((await asked).url()).search).toContain("abcdefgh12345678");
  expect(complaints).toEqual([]);
});

it("says that the broker sends no prices, and why", async () => {
  const { page } = await stage.page();
  let says = (_status: string, _message: string) => {};
  await page.routeWebSocket(/\/ws(\?|$)/, (socket) => {
    socket.connectToServer().onMessage((message) => {
      socket.send(message);
      // Once there are prices, the server has nothing to say of its feed.
      if (!String(message).includes("market_data")) return;
      says = (status, message) =>
        socket.send(JSON.stringify({ type: "feed_status", broker: "simulator", status, message }));
    });
  });
  await openAs(page, "/dashboard");
  const silent = says;
  await expect.poll(() => says).not.toBe(silent);
  says("error", "Connecting: the broker closes every connection");
  const banner = page.getByText("the broker closes every connection");
  await banner.waitFor();
  await page.getByText("Paper orders wait for prices.").waitFor();
  await page.getByRole("button", { name: /^No prices/ }).waitFor();
  await shot(page, "no-prices-1440");
  says("connected", "3 instruments streamed, 0 polled");
  await banner.waitFor({ state: "hidden" });
});

it("asks for a typed word before real money stops or goes on", async () => {
  const { page } = await stage.page();
  await openAs(page, "/accounts");
  const card = page.locator("section", { hasText: "Family" }).last();
  await card.getByRole("button", { name: "Use here" }).click();
  await page.getByRole("button", { name: /^PAPER/ }).click();
  await page.getByRole("button", { name: "Go live" }).click();
  await page.getByRole("button", { name: /^LIVE/ }).waitFor();
  await page.getByText("Orders are refused, and books and prices stand still").waitFor();

  await page.getByRole("button", { name: "You and the appearance" }).click();
  await page.getByRole("menuitem", { name: /Stop trading/ }).click();
  const engage = page.getByRole("button", { name: "Engage the kill switch" });
  expect(await engage.isDisabled()).toBe(true);
  await page.getByLabel(/Type STOP/).fill("stop");
  await shot(page, "kill-live-1440");
  await engage.click();
  await page.getByRole("button", { name: "Release", exact: true }).click();
  const release = page.getByRole("button", { name: "Release the kill switch" });
  expect(await release.isDisabled()).toBe(true);
  await page.getByLabel(/Type RELEASE/).fill("RELEASE");
  await release.click();
  await page.getByText("Kill switch engaged").waitFor({ state: "hidden" });
});

it("asks before a key of a live account sends an order by hand", async () => {
  const { page } = await stage.page();
  await openAs(page, "/apikey");
  await page.goto("/playground?op=placeorder");
  let orders = 0;
  await page.route("**/api/v1/analyzer", (route) =>
    route.fulfill({ json: { status: "success", data: { mode: "live", analyze_mode: false } } }),
  );
  await page.route("**/api/v1/placeorder", (route) => {
    orders += 1;
    return route.fulfill({ json: { status: "success", orderid: "1" } });
  });
  await page.getByLabel("API key").fill("a-key-of-a-live-account-0123456789");
  await page.getByRole("button", { name: "Send" }).click();
  const question = page.getByRole("dialog", { name: "Place an order, with real money?" });
  await question.waitFor();
  expect(orders).toBe(0);
  await question.getByRole("button", { name: "Send it live" }).click();
  await page.getByText("✓ 200").first().waitFor();
  expect(orders).toBe(1);
});

it("tells of an order nobody knows about, and takes the user's word for it", async () => {
  const { page } = await stage.page();
  let said: unknown = null;
  const order = {
    reference: "oax9k21f",
    kind: "placeorder",
    symbol: "TCS",
    exchange: "NSE",
    action: "BUY",
    quantity: 1500,
    product: "MIS",
    pricetype: "MARKET",
    strategy: "journey",
    client_order_id: null,
    sent_at: "2026-03-02T05:00:00Z",
    message: "Zerodha did not answer in time.",
  };
  await page.route("**/ui/unresolved-orders", (route) =>
    route.fulfill({ json: { status: "success", data: said === null ? [order] : [] } }),
  );
  await page.route("**/ui/unresolved-orders/oax9k21f", (route) => {
    said = route.request().postDataJSON();
    const data = { reference: "oax9k21f", state: "accepted", orderid: "77", message: "Noted" };
    return route.fulfill({ json: { status: "success", data } });
  });
  await openAs(page, "/dashboard");
  await page.getByText("Nobody knows what became of 1 order").waitFor();
  await page.getByRole("link", { name: "Look at it" }).click();
  await page.getByRole("button", { name: "Say what became of it" }).click();
  const settle = page.getByRole("dialog", { name: /BUY 1,500 TCS: what did you find/ });
  await settle.getByLabel("It is in the broker's book").check();
  expect(await settle.getByRole("button", { name: "It is there" }).isDisabled()).toBe(true);
  await settle.getByLabel("The broker's order id").fill("77");
  await shot(page, "unresolved-1440");
  await settle.getByRole("button", { name: "It is there" }).click();
  await settle.waitFor({ state: "hidden" });
  await page.getByText("Nobody knows what became of").first().waitFor({ state: "hidden" });
  expect(said).toEqual({ outcome: "arrived", order_id: "77" });
});

it("reaches every page from a phone", async () => {
  const { page } = await stage.page({ width: 390, height: 844 });
  await openAs(page, "/dashboard");
  const bar = page.getByRole("navigation", { name: "Pages" }).last();
  await expect.poll(() => bar.locator(":scope > *").count()).toBe(5);
  await bar.getByRole("button", { name: "More" }).click();
  const sheet = page.getByRole("dialog", { name: "All pages" });
  await shot(page, "more-390");
  await sheet.getByLabel("Find a page").fill("holiday");
  await sheet.getByRole("link", { name: "Calendar" }).click();
  await page.waitForURL("**/calendar");
  await sheet.waitFor({ state: "hidden" });
});
