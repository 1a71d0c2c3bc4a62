import { afterAll, beforeAll, expect, it } from "vitest";
import { makeUser, openAs, place, Stage } from "./stage";

let stage: Stage;
let apiKey = "";

beforeAll(async () => {
  stage = await Stage.open();
  const { page } = await stage.page();
  apiKey = await makeUser(page);
});
afterAll(() => stage?.close());

it("shows an order that waits, tells why, and cancels it", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/orderbook");
  await page.getByText("No orders today").waitFor();
  const waiting = { symbol: "SBIN", action: "BUY", quantity: 10, pricetype: "LIMIT", price: 900 };
  await place(page, apiKey, waiting);
  const row = page.getByRole("row", { name: /SBIN/ });
  await row.getByText("open", { exact: true }).waitFor();

  await row.getByRole("button", { name: "Why?" }).click();
  await page.getByRole("dialog").getByRole("listitem").first().waitFor();
  await page.keyboard.press("Escape");

  await row.getByRole("button", { name: "Cancel", exact: true }).click();
  await row.getByText("cancelled", { exact: true }).waitFor();
  expect(await row.getByRole("button", { name: "Cancel", exact: true }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

it("asks before it cancels all", async () => {
  const { page } = await stage.page();
  await openAs(page, "/orderbook");
  for (const symbol of ["SBIN", "INFY"]) {
    await place(page, apiKey, {
      symbol,
      action: "BUY",
      quantity: 1,
      pricetype: "LIMIT",
      price: 700,
    });
  }
  await page.getByRole("button", { name: "Cancel all 2" }).click();
  const question = page.getByRole("dialog", { name: "Cancel 2 open orders" });
  await question.getByText("on paper").waitFor();
  await question.getByRole("button", { name: "Cancel them" }).click();
  await question.getByText("2 done, 0 failed").waitFor();
  const cancelled = question.getByRole("list", { name: "Results" }).getByText("Cancelled");
  await expect.poll(() => cancelled.count()).toBe(2);
  await question.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Open 0" }).waitFor();
});

it("asks before orders become real, and says which they are in words", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  await page.getByRole("button", { name: /^PAPER/ }).click();
  const question = page.getByRole("dialog", { name: /with real money\?/ });
  await question.getByRole("button", { name: "Keep as it is" }).click();
  await question.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^PAPER/ }).waitFor();
  expect(await page.title()).toBe("PAPER · Dashboard · OpenAlgo");
});

it("goes to a page by a few letters of its name", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Page or command").waitFor();
  await page.keyboard.type("lever");
  await page.getByRole("option", { name: "Sandbox" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/sandbox");
});

it("logs out in all tabs", async () => {
  const { page } = await stage.page();
  await openAs(page, "/dashboard");
  const other = await page.context().newPage();
  await other.goto("/profile");
  await other.getByRole("heading", { name: "Profile" }).waitFor();
  await page.getByRole("button", { name: "You and the appearance" }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.waitForURL("**/login");
  await other.waitForURL("**/login");
});
