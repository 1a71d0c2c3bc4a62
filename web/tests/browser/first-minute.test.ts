import { afterAll, beforeAll, expect, it } from "vitest";
import { shot } from "./shot";
import { copiedBy, endSessionAt, openAs, PASSWORD, place, Stage, USER } from "./stage";

let stage: Stage;
let apiKey = "";

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());

const NOTHING: string[] = [];

it("takes a newcomer from an empty server to a first order", async () => {
  const { page, complaints } = await stage.page();
  await page.goto("/");
  await page.waitForURL("**/setup");
  await page.getByLabel("User name").fill(USER);
  await shot(page, "setup-1440");
  const password = page.getByLabel("Password");
  await password.fill("monsoon");
  expect(await page.getByRole("button", { name: "Make my user" }).isDisabled()).toBe(true);
  await password.fill(PASSWORD);
  await page.getByRole("button", { name: "Make my user" }).click();

  await page.getByRole("heading", { name: "Your simulated exchange is ready" }).waitFor();
  apiKey = (await page.getByTestId("api-key").textContent()) ?? "";
  expect(apiKey.length).toBeGreaterThanOrEqual(32);
  const { listing, card } = await page.evaluate(() => {
    const edge = (element: Element | null | undefined) =>
      element?.getBoundingClientRect().right ?? 0;
    const figure = document.querySelector("figure");
    return { listing: edge(figure), card: edge(figure?.closest("main > *")) };
  });
  expect(listing).toBeLessThanOrEqual(card);
  await shot(page, "ready-1440", true);
  expect(await copiedBy(page.getByRole("button", { name: "Copy key" }))).toBe(apiKey);

  await place(page, apiKey, { symbol: "SBIN", action: "BUY", quantity: 10 });

  await page.getByRole("link", { name: "Open the trading desk" }).click();
  await page.waitForURL("**/dashboard");
  await page.getByRole("region", { name: "Positions" }).getByText("SBIN").waitFor();
  await page.getByRole("button", { name: /^PAPER/ }).waitFor();
  expect(complaints).toEqual(NOTHING);
});

it("shows prices as they come, and a position as it is made elsewhere", async () => {
  const { page, complaints } = await stage.page();
  await openAs(page, "/dashboard");
  await page.getByRole("button", { name: /^Live\./ }).waitFor();

  const watch = page.locator("section", { hasText: "Market watch" }).last();
  const nifty = watch.locator("li", { hasText: "BANKNIFTY" });
  const first = await nifty.textContent();
  await page.waitForFunction(
    ([before]) =>
      [...document.querySelectorAll("li")].some(
        (row) => row.textContent?.startsWith("BANKNIFTY") && row.textContent !== before,
      ),
    [first],
  );

  await place(page, apiKey, { symbol: "INFY", action: "SELL", quantity: 5 });
  await page.getByRole("region", { name: "Positions" }).getByText("INFY").waitFor();
  await shot(page, "dashboard-1440");
  expect(complaints).toEqual(NOTHING);
});

it("keeps what was typed when the session ends", async () => {
  const { page } = await stage.page();
  await openAs(page, "/apikey");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Name").fill("half-typed");
  await endSessionAt(page, "/ui/api-keys");
  await page.getByRole("button", { name: "Make the key" }).click();
  const login = page.getByRole("dialog", { name: "Log in to go on" });
  await login.getByLabel("Password").fill(PASSWORD);
  await login.getByRole("button", { name: "Log in" }).click();
  await login.waitFor({ state: "hidden" });
  expect(await page.getByLabel("Name").inputValue()).toBe("half-typed");
  await page.getByRole("button", { name: "Make the key" }).click();
  await page.getByText("it is not shown again").waitFor();
});
