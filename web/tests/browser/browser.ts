import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { plainEnvironment } from "./environment";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the browser of this run is reached. */
    browser: string;
  }
}

/** One browser for all files; what they open in it is theirs alone. */
export default async function open({ provide }: TestProject): Promise<() => Promise<void>> {
  const browser = await chromium.launchServer({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    env: plainEnvironment(),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  provide("browser", browser.wsEndpoint());
  return () => browser.close();
}
