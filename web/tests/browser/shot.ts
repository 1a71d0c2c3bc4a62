import type { Page } from "playwright-core";

const FOLDER = process.env.SHOTS;
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/** A picture of the page in the folder `SHOTS`, where one is named. */
export async function shot(page: Page, name: string, fullPage = false): Promise<void> {
  if (FOLDER) await page.screenshot({ path: `${FOLDER}/${name}.png`, fullPage });
}

/** Pictures of the page at the desk and on a phone. */
export async function shotOnBoth(page: Page, name: string): Promise<void> {
  if (!FOLDER) return;
  await shot(page, `${name}-${DESK.width}`);
  await page.setViewportSize(PHONE);
  await shot(page, `${name}-${PHONE.width}`);
  await page.setViewportSize(DESK);
}
