import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findings } from "./axe";
import { shot } from "./shot";
import { makeUser, openAs, pretendLive, Stage } from "./stage";

let stage: Stage;
let apiKey = "";
const NOTHING: string[] = [];

beforeAll(async () => {
  stage = await Stage.open();
  const { page } = await stage.page();
  apiKey = await makeUser(page);
});
afterAll(() => stage?.close());

it("shows a chain whose prices move, and its greeks", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/optionchain");
  const chain = page.getByRole("grid", { name: "Option chain" });
  const money = chain.getByRole("row", { name: /ATM/ });
  await money.waitFor();
  await shot(page, "chain-price-1440-light");

  const price = money.locator('[data-cell="ce.ltp"]');
  const before = await price.textContent();
  expect(Number(before?.replaceAll(",", ""))).toBeGreaterThan(0);
  await page.waitForFunction(
    ([first]) =>
      [...document.querySelectorAll('[data-cell="ce.ltp"]')].every(
        (cell) => cell.textContent !== first,
      ),
    [before],
  );
  await page.getByText("Max pain").waitFor();

  await page.getByRole("tab", { name: "Greeks" }).click();
  const volatility = money.locator('[data-cell="pe.iv"]');
  await volatility.waitFor();
  expect(Number(await volatility.textContent())).toBeGreaterThan(1);
  await shot(page, "chain-greeks-1440-light");
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "chain-greeks-1440-dark");
  expect(complaints).toEqual(NOTHING);
});

it("puts a leg into the basket by click and by key, and keeps it over a reload", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/optionchain");
  const money = page.getByRole("grid").getByRole("row", { name: /ATM/ });
  await money.waitFor();
  await money.hover();
  await money.getByRole("button", { name: /^Sell .* CE$/ }).click();
  await page.getByRole("button", { name: "Basket 1 leg", exact: true }).waitFor();

  await money.locator('td[data-side="ce"]').focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("b");
  await page.getByRole("button", { name: "Basket 2 legs", exact: true }).click();

  const basket = page.getByRole("complementary", { name: "Basket" });
  const legs = basket.getByRole("listitem", { name: /^Leg/ });
  expect(await legs.nth(0).getAttribute("aria-label")).toMatch(/^Leg 1: SELL NIFTY.*CE$/);
  expect(await legs.nth(1).getAttribute("aria-label")).toMatch(/^Leg 2: BUY NIFTY.*PE$/);
  await page.reload();
  await page.getByRole("button", { name: "Basket 2 legs", exact: true }).click();
  await legs
    .nth(0)
    .getByRole("button", { name: /^Remove/ })
    .click();
  await page.getByRole("button", { name: "Basket 1 leg", exact: true }).waitFor();
  await basket.getByRole("button", { name: "Clear" }).click();
  await basket.getByText("The basket is empty").waitFor();
  expect(complaints).toEqual(NOTHING);
});

it("takes a straddle from the chain to positions on paper", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/optionchain");
  await addStrategy(page, "Short straddle");

  const basket = page.getByRole("complementary", { name: "Basket" });
  await basket.getByText("Premium you receive").waitFor();
  const margin = basket.locator("div", { hasText: /^Margin of all legs together/ }).last();
  await page.waitForFunction(
    (place) => /₹[1-9]/.test(place?.textContent ?? ""),
    await margin.elementHandle(),
  );
  await basket.getByRole("img", { name: /^Payoff at expiry/ }).waitFor();
  await basket.getByText("unlimited").waitFor();
  await expect.poll(() => basket.getByText("Breakevens").count()).toBe(1);
  await shot(page, "basket-1440-light");
  expect(await findings(page)).toEqual(NOTHING);
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "basket-1440-dark");

  await basket.getByRole("button", { name: "All at market" }).click();
  await basket.getByRole("button", { name: "Place 2 orders on paper" }).click();
  await basket.getByText("2 of 2 legs placed on paper").waitFor();
  expect(await basket.getByText("✓ placed").count()).toBe(2);
  await basket.getByRole("listitem", { name: /^Leg/ }).first().waitFor({ state: "detached" });
  await shot(page, "basket-placed-1440-dark");
  const held = await positions(page);
  expect(held).toHaveLength(2);
  expect(held.every(({ quantity }) => quantity < 0)).toBe(true);
  expect(complaints).toEqual(NOTHING);
});

it("keeps the leg that failed, with its reason, and sends what is left once more", async () => {
  const { page } = await stage.page();
  await openAs(page, "/optionchain");
  const before = (await orders(page)).length;
  await addStrategy(page, "Long straddle");
  const basket = page.getByRole("complementary", { name: "Basket" });
  await basket.getByRole("button", { name: "All at market" }).click();
  const first = basket.getByRole("listitem", { name: /^Leg 1/ });
  // More than anybody has money for, in so many lots that it is sent in parts.
  await first.getByRole("textbox", { name: /^Lots of/ }).fill("9000");
  await basket.getByText(/These are \d+ orders; 100 can be sent at once/).waitFor();
  await first.getByRole("textbox", { name: /^Lots of/ }).fill("2400");
  await basket.getByRole("button", { name: /^Place \d+ orders on paper/ }).click();
  await basket.getByText("1 of 2 legs placed on paper").waitFor();
  await basket.getByText(/Not placed: .*nsufficient/).waitFor();
  await shot(page, "basket-failed-1440-light");

  // What was bought of it gives the money back that one lot more may need.
  const closing = { data: { apikey: apiKey, strategy: "journey" } };
  expect((await page.request.post("/api/v1/closeposition", closing)).ok()).toBe(true);
  const left = basket.getByRole("listitem", { name: /^Leg 1: BUY NIFTY.*CE/ });
  await left.getByRole("textbox", { name: /^Lots of/ }).fill("1");
  await basket.getByRole("button", { name: "Place 1 order on paper" }).click();
  await basket.getByText("1 of 1 leg placed on paper").waitFor();
  expect((await orders(page)).length).toBeGreaterThan(before + 1);
});

it("says so when the answer never came, and then sends nothing twice", async () => {
  const { page } = await stage.page();
  await openAs(page, "/optionchain");
  await addStrategy(page, "Bull call spread");
  const basket = page.getByRole("complementary", { name: "Basket" });
  await basket.getByRole("button", { name: "All at market" }).click();
  const before = (await orders(page)).length;
  // The server gets the basket; its answer is lost.
  await page.route("**/ui/v1/basketorder", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  });
  await basket.getByRole("button", { name: "Place 2 orders on paper" }).click();
  await basket.getByText(/Nobody knows what became of the 2 orders/).waitFor();
  expect((await orders(page)).length).toBe(before + 2);
  await shot(page, "basket-unknown-1440-light");

  await page.unroute("**/ui/v1/basketorder");
  await page.reload();
  await page.getByRole("button", { name: /^Basket 2 legs/ }).click();
  await basket.getByRole("button", { name: "Finish this basket" }).click();
  await basket.getByText("2 of 2 legs placed on paper").waitFor();
  expect((await orders(page)).length).toBe(before + 2);
});

it("asks before it sends with real money", async () => {
  const { page } = await stage.page();
  await pretendLive(page);
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/basketorder")) sent.push(request.url());
  });
  await openAs(page, "/optionchain");
  await page.getByRole("button", { name: /^LIVE/ }).waitFor();
  await addStrategy(page, "Iron condor");
  const basket = page.getByRole("complementary", { name: "Basket" });
  await basket.getByRole("button", { name: "Place 4 orders: real money" }).click();
  const question = page.getByRole("dialog", { name: "Send 4 orders with real money?" });
  await expect.poll(() => question.getByRole("listitem").count()).toBe(4);
  await question.getByRole("button", { name: "Keep as it is" }).click();
  await question.waitFor({ state: "hidden" });
  expect(await basket.getByRole("listitem", { name: /^Leg/ }).count()).toBe(4);
  expect(sent).toEqual(NOTHING);
});

it("fits a phone: prices and strikes, and the rest by a tap", async () => {
  for (const { colorScheme, ...size } of PHONES) {
    const { page, complaints } = await stage.page(size);
    await page.emulateMedia({ colorScheme });
    await openAs(page, "/optionchain");
    const money = page.getByRole("button", { name: /ATM/ });
    await money.waitFor();
    await shot(page, `chain-${size.width}-${colorScheme}`);
    await money.click();
    const sheet = page.getByRole("dialog", { name: /^Strike/ });
    await sheet.getByText("Delta").waitFor();
    await shot(page, `strike-${size.width}-${colorScheme}`);
    expect(await findings(page)).toEqual(NOTHING);
    await sheet.getByRole("region", { name: "Put" }).getByRole("button", { name: "Sell" }).click();
    await sheet.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Basket 1 leg", exact: true }).click();
    const basket = page.getByRole("dialog", { name: "Basket" });
    await basket.getByRole("img", { name: /^Payoff/ }).waitFor();
    await shot(page, `basket-${size.width}-${colorScheme}`);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wider).toBeLessThanOrEqual(0);
    await basket.getByRole("button", { name: "Clear" }).click();
    expect(complaints).toEqual(NOTHING);
  }
});

const PHONES = [
  { width: 390, height: 844, colorScheme: "light" },
  { width: 360, height: 740, colorScheme: "dark" },
] as const;

async function addStrategy(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Strategy", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Add a strategy" });
  await dialog.getByRole("button", { name: new RegExp(`^${name}`) }).click();
  if (name === "Iron condor") await shot(page, "strategy-1440-light");
  await dialog.getByRole("button", { name: /^Add \d legs to the basket/ }).click();
  await dialog.waitFor({ state: "hidden" });
}

async function asked(page: Page, operation: string): Promise<unknown> {
  const reply = await page.request.post(`/api/v1/${operation}`, { data: { apikey: apiKey } });
  return (await reply.json()).data;
}

async function positions(page: Page): Promise<{ symbol: string; quantity: number }[]> {
  return (await asked(page, "positionbook")) as { symbol: string; quantity: number }[];
}

async function orders(page: Page): Promise<unknown[]> {
  return ((await asked(page, "orderbook")) as { orders: unknown[] }).orders;
}
