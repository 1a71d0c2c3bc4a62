import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { shot } from "./shot";
import { makeUser, openAs, place, Stage } from "./stage";

let stage: Stage;
let apiKey = "";

beforeAll(async () => {
  stage = await Stage.open();
  const { page } = await stage.page();
  apiKey = await makeUser(page);
});
afterAll(() => stage?.close());

async function openChart(page: Page, search: string): Promise<void> {
  await openAs(page, "/dashboard");
  await page.goto(`/trading?${search}`);
  await page.locator("canvas").first().waitFor();
  await page.mouse.move(0, 0);
}

/** A figure of the page as it stands now, once it is one. */
async function figure(page: Page, name: string): Promise<number> {
  const place = page.locator(`[data-figure="${name}"]`).filter({ hasText: /\d/ }).first();
  return numberIn(await place.textContent());
}

function numberIn(text: string | null): number {
  return Number((text ?? "").replaceAll(",", ""));
}

async function changed(page: Page, name: string, was: number): Promise<void> {
  await expect.poll(() => figure(page, name), { timeout: 30_000 }).not.toBe(was);
}

it("draws the chart that an address names, and its last candle moves with the prices", async () => {
  const { page, complaints } = await stage.page();
  await openChart(page, "symbol=SBIN&exchange=NSE&interval=5m");
  await page.getByRole("region", { name: "Chart of SBIN NSE, 5m" }).waitFor();
  const low = await figure(page, "Low");
  const high = await figure(page, "High");
  const close = await figure(page, "Close");
  expect(low).toBeLessThanOrEqual(close);
  expect(high).toBeGreaterThanOrEqual(close);
  await changed(page, "Close", close);
  expect(await page.title()).toBe("PAPER · SBIN 5m · OpenAlgo");
  await page.getByText(/TradingView Lightweight Charts/).waitFor();
  expect(complaints).toEqual([]);
});

it("remembers the interval and the indicators, and names them in the address", async () => {
  const { page, complaints } = await stage.page();
  await openChart(page, "symbol=INFY&exchange=NSE&interval=5m");
  await page.getByRole("radio", { name: "D", exact: true }).check();
  await page.getByRole("region", { name: "Chart of INFY NSE, D" }).waitFor();
  await page.waitForURL(/interval=D/);
  await page.getByRole("button", { name: /^Indicators/ }).click();
  const dialog = page.getByRole("dialog", { name: "Indicators of INFY" });
  for (const name of ["EMA", "Bollinger Bands", "RSI", "Supertrend"]) {
    await dialog.getByRole("button", { name, exact: true }).click();
  }
  const saved = page.waitForResponse(
    (reply) =>
      reply.url().endsWith("/ui/preferences/charts") &&
      (reply.request().postData()?.includes("[50]") ?? false),
  );
  await dialog.getByLabel("Length").first().fill("50");
  await saved;
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("status", { name: "Loading" }).waitFor({ state: "hidden" });
  await figure(page, "Close");
  await shot(page, "trading-indicators-1440");

  await page.goto("/trading");
  await page.getByRole("region", { name: "Chart of INFY NSE, D" }).waitFor();
  await page.getByRole("button", { name: /^Indicators/ }).click();
  expect(await dialog.getByLabel("Length").first().inputValue()).toBe("50");
  await dialog.getByRole("button", { name: "Remove RSI 14" }).click();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  expect(complaints).toEqual([]);
});

it("opens the ticket with the price of a level of the ladder, by keyboard too", async () => {
  const { page, complaints } = await stage.page();
  await openChart(page, "symbol=SBIN&exchange=NSE&interval=1m");
  const ladder = page.getByRole("region", { name: "Ladder of SBIN" });
  const bids = ladder.locator("[data-quantity=bid]").filter({ hasText: /\d/ });
  await expect.poll(() => bids.count()).toBeGreaterThan(2);
  await ladder.hover();
  const level = ladder.getByRole("button", { name: /^Buy at/ }).nth(20);
  const price = numberIn((await level.textContent())?.match(/at ([\d,.]+)/)?.[1] ?? "");
  await level.click();
  const ticket = page.getByRole("dialog", { name: /SBIN/ });
  expect(numberIn(await ticket.getByLabel("Price", { exact: true }).inputValue())).toBe(price);
  await shot(page, "trading-ticket-1440");
  await ticket.getByRole("button", { name: "Close the ticket" }).click();

  const first = ladder.locator("button[tabindex='0']").last();
  await first.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  const words = await page.evaluate(() => document.activeElement?.textContent ?? "");
  expect(words).toMatch(/^Sell at/);
  await page.keyboard.press("Enter");
  const asked = numberIn(words.match(/at ([\d,.]+)/)?.[1] ?? "");
  expect(numberIn(await ticket.getByLabel("Price", { exact: true }).inputValue())).toBe(asked);
  expect(complaints).toEqual([]);
});

it("shows an order at its price, and asks before it moves it there", async () => {
  const { page, complaints } = await stage.page();
  await openChart(page, "symbol=SBIN&exchange=NSE&interval=5m");
  const waits = Math.round((await figure(page, "Close")) * 0.999);
  const order = { symbol: "SBIN", action: "BUY", quantity: 15, pricetype: "LIMIT", price: waits };
  await place(page, apiKey, { symbol: "SBIN", action: "SELL", quantity: 7 });
  await place(page, apiKey, order);
  const chip = page.getByRole("button", { name: /^BUY 15 LIMIT/ });
  await chip.waitFor();
  expect(numberIn((await chip.textContent())?.match(/LIMIT ([\d,.]+\d)/)?.[1] ?? "")).toBe(waits);
  await page.getByText(/7 MIS @/).waitFor();
  await shot(page, "trading-orders-1440");

  await chip.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  const box = await chip.boundingBox();
  if (box === null) throw new Error("The order is nowhere");
  await page.mouse.move(box.x + 20, box.y + 8);
  await page.mouse.down();
  await page.mouse.move(box.x + 20, box.y + 70, { steps: 5 });
  await page.mouse.up();
  const ticket = page.getByRole("dialog", { name: /Change an order: SBIN/ });
  const moved = numberIn(await ticket.getByLabel("Price", { exact: true }).inputValue());
  expect(moved).toBeLessThan(waits);
  await ticket.getByRole("button", { name: "Close the ticket" }).click();
  await expect.poll(() => chip.textContent()).toContain(waits.toLocaleString("en-IN"));
  await page.getByRole("button", { name: "Cancel BUY 15 LIMIT" }).click();
  await chip.waitFor({ state: "hidden" });
  expect(complaints).toEqual([]);
});

it("offers orders at a price of the chart, and no stop where it would not wait", async () => {
  const { page } = await stage.page();
  await openChart(page, "symbol=SBIN&exchange=NSE&interval=5m");
  await figure(page, "Close");
  await page
    .getByRole("region", { name: /^Chart of/ })
    .click({ button: "right", position: { x: 300, y: 120 } });
  const menu = page.getByRole("menu");
  await menu.getByText(/^SBIN at/).waitFor();
  const stops = menu.getByRole("menuitem", { name: /stop/ });
  const disabled = await stops.evaluateAll((items) =>
    items.map((item) => item.getAttribute("aria-disabled")),
  );
  expect(disabled.filter((each) => each === "true")).toHaveLength(1);
  await menu.getByRole("menuitem", { name: /^Sell limit/ }).click();
  await page.getByRole("dialog", { name: /SBIN/ }).waitFor();
});

it("asks for what it missed while nobody looked", async () => {
  const { page } = await stage.page();
  await openChart(page, "symbol=SBIN&exchange=NSE&interval=1m");
  await figure(page, "Close");
  const show = (state: string) =>
    page.evaluate((now) => {
      Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    }, state);
  await show("hidden");
  const asked = page.waitForRequest((request) => request.url().endsWith("/ui/v1/history"));
  await show("visible");
  await asked;
});

it("fills the gap after the connection was lost", async () => {
  const { page } = await stage.page();
  let lose = () => {};
  await page.routeWebSocket(
    ({ pathname }) => pathname === "/ws",
    (socket) => {
      socket.connectToServer();
      lose = () => void socket.close({ code: 1001 });
    },
  );
  await openChart(page, "symbol=SBIN&exchange=NSE&interval=1m");
  const close = await figure(page, "Close");
  const asked = page.waitForRequest((request) => request.url().endsWith("/ui/v1/history"));
  lose();
  await asked;
  await changed(page, "Close", close);
});

it("shows several charts, with the tools for one of them", async () => {
  const { page, complaints } = await stage.page();
  await openChart(page, "symbol=SBIN&exchange=NSE&interval=5m");
  await page.getByRole("radio", { name: "4", exact: true }).check();
  const charts = page.getByRole("region", { name: /^Chart of/ });
  await expect.poll(() => charts.count()).toBe(4);
  await charts.nth(3).click({ position: { x: 60, y: 60 } });
  await page.getByRole("button", { name: /^Instrument: BANKNIFTY/ }).waitFor();
  await page.waitForURL(/symbol=BANKNIFTY/);
  await page.getByText("An index cannot be traded itself").waitFor();
  await shot(page, "trading-4-1440");
  await page.getByRole("radio", { name: "1", exact: true }).check();
  await expect.poll(() => charts.count()).toBe(1);
  expect(complaints).toEqual([]);
});

it("says in the server's words why there is no chart", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  await page.goto("/trading?symbol=NOSUCH&exchange=NSE&interval=5m");
  await page
    .getByRole("alert")
    .getByText(/NOSUCH/)
    .first()
    .waitFor();
});
