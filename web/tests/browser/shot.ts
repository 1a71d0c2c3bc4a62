import type { Page } from "playwright-core";

const FOLDER = process.env.SHOTS;

/** A picture of the page in the folder `SHOTS`, where one is named. */
export async function shot(page: Page, name: string, fullPage = false): Promise<void> {
  if (FOLDER) await page.screenshot({ path: `${FOLDER}/${name}.png`, fullPage });
}
