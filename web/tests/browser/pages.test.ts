import { afterAll, beforeAll, expect, it } from "vitest";
import { findings } from "./axe";
import { shot } from "./shot";
import { makeUser, openAs, place, Stage } from "./stage";

const PAGES = [
  "/dashboard",
  "/orderbook",
  "/optionchain",
  "/trading",
  "/pnl-tracker",
  "/orderbook?tab=gtt",
  "/tradebook",
  "/positions",
  "/holdings",
  "/action-center",
  "/analyzer",
  "/sandbox",
  "/sandbox/mypnl",
  "/risk",
  "/accounts",
  "/apikey",
  "/playground",
  "/master-contract",
  "/calendar",
  "/profile",
];
const SIZES = [
  { width: 1440, height: 900, colorScheme: "light" },
  { width: 390, height: 844, colorScheme: "light" },
  { width: 360, height: 740, colorScheme: "dark" },
] as const;
/** Twenty pages and axe on each take a busy machine a while. */
const ALL_PAGES_WITHIN = 180_000;
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
  const { page } = await stage.page();
  const apiKey = await makeUser(page);
  await place(page, apiKey, { symbol: "SBIN", action: "BUY", quantity: 10 });
  await place(page, apiKey, { symbol: "INFY", action: "SELL", quantity: 25 });
  await place(page, apiKey, {
    symbol: "RELIANCE",
    action: "BUY",
    quantity: 5,
    pricetype: "LIMIT",
    price: 1000,
  });
});
afterAll(() => stage?.close());

it.each(SIZES)(
  "is fit for everybody at $width px, $colorScheme",
  async ({ colorScheme, ...size }) => {
    const { page, complaints } = await stage.page(size);
    await page.emulateMedia({ colorScheme });
    await openAs(page, "/dashboard");
    for (const path of PAGES) {
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.waitForFunction(() => document.querySelector('[aria-label="Loading"]') === null);
      await shot(page, `${path.slice(1).replace(/\W/g, "-")}-${size.width}-${colorScheme}`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wider, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
      expect(await findings(page), path).toEqual([]);
    }
    expect(complaints).toEqual([]);
  },
  ALL_PAGES_WITHIN,
);
