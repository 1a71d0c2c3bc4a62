import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { shot } from "./shot";
import { makeUser, openAs, place, Stage } from "./stage";

let stage: Stage;
let apiKey: string;

beforeAll(async () => {
  stage = await Stage.open();
  const { page } = await stage.page();
  apiKey = await makeUser(page);
});
afterAll(() => stage?.close());

const watchOf = (page: Page) => page.locator("section", { hasText: "Market watch" }).last();

async function namesIn(page: Page, list: string): Promise<string[]> {
  const rows = watchOf(page).getByRole("list", { name: list }).getByRole("listitem");
  return (await rows.allInnerTexts()).map((text) => text.split(/\s/)[0] ?? "");
}

it("finds the watch lists again in a new browser", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/dashboard");
  const watch = watchOf(page);
  await watch.getByRole("button", { name: "Watch lists" }).click();
  await page.getByRole("menuitem", { name: "New list" }).click();
  const question = page.getByRole("dialog", { name: "New watch list" });
  await question.getByRole("button", { name: "Make it" }).click();
  await question.getByText("Give it a name.").waitFor();
  await question.getByLabel("Name").fill("Banks");
  await question.getByRole("button", { name: "Make it" }).click();
  await watch.getByText("Nothing to watch in Banks").waitFor();
  for (const symbol of ["SBIN", "HDFCBANK", "ICICIBANK"]) {
    await watch.getByRole("button", { name: "Add" }).click();
    const finder = page.getByPlaceholder(/Symbol or name/);
    await finder.fill(symbol);
    await page.getByRole("option").filter({ hasText: symbol }).first().waitFor();
    await page.keyboard.press("Enter");
    await watch.getByRole("listitem").filter({ hasText: symbol }).waitFor();
  }
  await watch.getByRole("button", { name: "Watch lists" }).click();
  await page.getByRole("menuitem", { name: "Arrange Banks" }).click();
  await shot(page, "watch-arrange");
  for (const change of ["Move ICICIBANK up", "Stop watching SBIN"]) {
    const kept = page.waitForResponse(
      (reply) => reply.url().endsWith("/ui/preferences/watch-lists") && reply.ok(),
    );
    await watch.getByRole("button", { name: change }).click();
    await kept;
  }
  await watch.getByRole("button", { name: "Done" }).click();
  expect(complaints).toEqual([]);

  const { page: elsewhere } = await stage.page();
  await openAs(elsewhere, "/dashboard");
  await watchOf(elsewhere).getByRole("list", { name: "Banks" }).waitFor();
  await expect.poll(() => namesIn(elsewhere, "Banks")).toEqual(["ICICIBANK", "HDFCBANK"]);
  await watchOf(elsewhere).getByLabel("Watch list", { exact: true }).selectOption("Market");
  await watchOf(elsewhere).getByRole("list", { name: "Market" }).waitFor();
});

it("has the theme in every browser, and draws it before anything else", async () => {
  const { page } = await stage.page();
  await page.emulateMedia({ colorScheme: "light" });
  await openAs(page, "/dashboard");
  const kept = page.waitForResponse(
    (reply) => reply.url().endsWith("/ui/preferences/appearance") && reply.ok(),
  );
  await page.getByRole("button", { name: "You and the appearance" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await kept;
  const isDark = () => document.documentElement.classList.contains("dark");
  expect(await page.evaluate(isDark)).toBe(true);

  const { page: elsewhere } = await stage.page();
  await elsewhere.emulateMedia({ colorScheme: "light" });
  await openAs(elsewhere, "/dashboard");
  await elsewhere.waitForFunction(isDark);
  // From now on without waiting for the app: here it never comes.
  await elsewhere.route("**/assets/*.js", (route) => route.abort());
  await elsewhere.goto("/dashboard");
  expect(await elsewhere.evaluate(isDark)).toBe(true);
});

it("draws the profit of the day after a trade", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/dashboard");
  const card = page.locator("section", { hasText: "P&L of the day" }).last();
  await card.getByText("Nothing made or lost today").waitFor();
  await place(page, apiKey, { symbol: "SBIN", action: "BUY", quantity: 500 });
  await place(page, apiKey, { symbol: "INFY", action: "SELL", quantity: 100, strategy: "other" });
  const curve = card.getByRole("img", { name: /Profit and loss of the day from .* now [+−]?₹/ });
  await curve.waitFor();
  await card.getByRole("button", { name: "In numbers" }).click();
  await card.getByRole("columnheader", { name: "Drawdown" }).waitFor();
  await card.getByRole("button", { name: "In numbers" }).click();
  await shot(page, "pnl-dashboard-1440");

  await card.getByRole("link", { name: "P&L tracker" }).click();
  await page.getByRole("heading", { name: "P&L tracker" }).waitFor();
  await page.getByRole("img", { name: /^Drawdown from/ }).waitFor();
  const before = await page
    .getByText(/^P&L today$/)
    .locator("xpath=../dd")
    .innerText();
  expect(before).toMatch(/₹/);
  await shot(page, "pnl-tracker-1440");
  await page.getByRole("tab", { name: "By strategy" }).click();
  await page.getByRole("cell", { name: "journey" }).waitFor();
  await page.getByRole("cell", { name: "other" }).waitFor();
  await page.getByRole("tab", { name: "By day" }).click();
  await page.getByRole("row").nth(1).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("heading", { name: "P&L tracker" }).waitFor();
  await shot(page, "pnl-tracker-390");
  expect(complaints).toEqual([]);
});

it("lets an order be heard in one of the windows, until the user wants silence", async () => {
  const { page, complaints } = await stage.page();
  const other = await page.context().newPage();
  for (const each of [page, other]) {
    await each.addInitScript(() => {
      const start = OscillatorNode.prototype.start;
      const heard: number[] = [];
      Object.assign(window, { heard });
      OscillatorNode.prototype.start = function (at) {
        heard.push(this.frequency.value);
        start.call(this, at);
      };
    });
  }
  await openAs(page, "/dashboard");
  await other.goto("/dashboard");
  for (const each of [page, other]) await each.getByRole("button", { name: /^Live\./ }).waitFor();
  const heardBy = (each: Page) => each.evaluate<number[]>("window.heard");
  const heard = async () => [...(await heardBy(page)), ...(await heardBy(other))];
  const filled = (each: Page, action: string) =>
    each.getByRole("dialog", { name: "Activity" }).getByText(`Filled: ${action} 1 SBIN`).waitFor();
  await place(page, apiKey, { symbol: "SBIN", action: "BUY", quantity: 1 });
  await expect.poll(heard).toEqual([660, 880]);
  for (const each of [page, other]) {
    await each.getByRole("button", { name: /^Activity/ }).click();
    await filled(each, "BUY");
  }
  expect(await heard()).toEqual([660, 880]);

  await other.close();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "You and the appearance" }).click();
  const kept = page.waitForResponse(
    (reply) => reply.url().endsWith("/ui/preferences/sounds") && reply.ok(),
  );
  await page.getByRole("menuitemcheckbox", { name: "Sounds for orders" }).click();
  await kept;
  await shot(page, "sounds");
  await page.keyboard.press("Escape");
  const before = await heardBy(page);
  await place(page, apiKey, { symbol: "SBIN", action: "SELL", quantity: 1 });
  await page.getByRole("button", { name: /^Activity/ }).click();
  await filled(page, "SELL");
  expect(await heardBy(page)).toEqual(before);
  expect(complaints).toEqual([]);
});

it("says when there is a newer version, and loads it when asked", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  await page.route("**/auth/app-info", (route) =>
    route.fulfill({
      json: {
        status: "success",
        name: "OpenAlgo",
        version: "9.9.9",
        build: "/assets/index-another.js",
      },
    }),
  );
  await page.reload();
  const bar = page.getByRole("status").filter({ hasText: "OpenAlgo was updated" });
  await bar.waitFor();
  await shot(page, "new-version");
  await bar.getByRole("button", { name: "Later" }).click();
  await bar.waitFor({ state: "hidden" });
  await page.reload();
  await bar.waitFor();
  const loaded = page.waitForEvent("load");
  await page.unroute("**/auth/app-info");
  await bar.getByRole("button", { name: "Reload" }).click();
  await loaded;
  await page.getByRole("heading", { name: "Dashboard" }).waitFor();
  await bar.waitFor({ state: "hidden" });
});
