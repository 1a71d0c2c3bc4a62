import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { inject } from "vitest";
import { plainEnvironment } from "./environment";

const ROOT = resolve(import.meta.dirname, "../../..");
export const PYTHON = process.env.OPENALGO_PYTHON ?? join(ROOT, ".venv/bin/python");
export const SOURCE = process.env.OPENALGO_SRC ?? join(ROOT, "src");
const OPEN_SERVER = join(ROOT, "tests/support/open_server.py");
const START_WITHIN = 40_000;

export const USER = "trader";
export const PASSWORD = "Monsoon-Kite7!";

/** What the pages of all stages are in. */
export const contexts = new Set<BrowserContext>();

/** A server of its own, with its own data, that serves what was built last. */
export class Stage {
  private constructor(
    readonly origin: string,
    readonly browser: Browser,
    private readonly server: ChildProcess,
    readonly data: string,
  ) {}

  /**
   * `settings` are those of the server, by their names in .env, where they depend on its address
   * made of that. With `daysAgo`, for the server it is so many days ago; with `alwaysOpen`, the
   * exchanges of accounts at brokers never close, as those of a twin; `data` is what an earlier one
   * kept.
   */
  static async open(
    options: {
      settings?: Record<string, string> | ((origin: string) => Promise<Record<string, string>>);
      daysAgo?: number;
      alwaysOpen?: boolean;
      data?: string;
    } = {},
  ): Promise<Stage> {
    const data = options.data ?? (await mkdtemp(join(tmpdir(), "openalgo-web-")));
    const [port, feed] = await freePorts();
    const origin = `http://127.0.0.1:${port}`;
    const { settings } = options;
    const chosen = typeof settings === "function" ? await settings(origin) : settings;
    const program = options.alwaysOpen ? [OPEN_SERVER] : runs(options.daysAgo);
    const server = spawn(
      PYTHON,
      [...program, "serve", "--port", String(port), "--ws-port", String(feed)].concat(
        "--data-dir",
        data,
        "--log-level",
        "WARNING",
      ),
      {
        cwd: data,
        stdio: ["ignore", "ignore", "inherit"],
        env: {
          ...plainEnvironment(),
          PYTHONPATH: SOURCE,
          OPENALGO_WEB_DIST: join(ROOT, "web/dist"),
          HOST_SERVER: origin,
          // Many browsers log in from one address here.
          LOGIN_RATE_LIMIT_MIN: "100 per minute",
          LOGIN_RATE_LIMIT_HOUR: "1000 per hour",
          ...chosen,
        },
      },
    );
    await answers(origin);
    const browser = await chromium.connect(inject("browser"));
    return new Stage(origin, browser, server, data);
  }

  async close({ keepData = false } = {}): Promise<void> {
    await this.browser.close();
    const ended = new Promise((done) => this.server.once("exit", done));
    this.server.kill("SIGTERM");
    await ended;
    if (keepData) return;
    await rm(this.data, { recursive: true, force: true });
  }

  /** A page of a browser of its own; `complaints` collects what its console had to say. */
  async page(size = { width: 1440, height: 900 }): Promise<{ page: Page; complaints: string[] }> {
    const context = await this.browser.newContext({
      viewport: size,
      baseURL: this.origin,
      // Neither is that of our users: what should be Indian must not come from the machine.
      locale: "en-US",
      timezoneId: "America/New_York",
      permissions: ["clipboard-read", "clipboard-write"],
      // A click waits until what it aims at stands still.
      reducedMotion: "reduce",
    });
    contexts.add(context);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const complaints: string[] = [];
    page.on("console", (message) => {
      // Browsers report replies such as 401 by themselves; those are looked at where they matter.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        complaints.push(message.text());
      }
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    return { page, complaints };
  }
}

/** Makes the user of a new server; their API key. */
export async function makeUser(page: Page): Promise<string> {
  const reply = await page.request.post("/setup", {
    data: { username: USER, password: PASSWORD },
  });
  const { api_key } = await reply.json();
  return api_key;
}

/** Logs in at the login page that stands before `path`. */
export async function openAs(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByLabel("User name").fill(USER);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(`**${path}`);
  await page.locator("main#page h1").waitFor();
}

/** Places an order as a program would. */
export async function place(page: Page, apikey: string, order: object): Promise<void> {
  const reply = await page.request.post("/api/v1/placeorder", {
    data: {
      apikey,
      strategy: "journey",
      exchange: "NSE",
      pricetype: "MARKET",
      product: "MIS",
      ...order,
    },
  });
  const answer = await reply.json();
  if (answer.status !== "success") throw new Error(JSON.stringify(answer));
}

declare global {
  interface Window {
    copied?: Promise<string>;
  }
}

/** What the page copies when `button` is pressed. The clipboard itself is that of all pages. */
export async function copiedBy(button: Locator): Promise<string> {
  await button.page().evaluate(() => {
    const { clipboard } = navigator;
    window.copied = new Promise((done) => {
      clipboard.writeText = async (text) => {
        await Clipboard.prototype.writeText.call(clipboard, text);
        done(text);
      };
    });
  });
  await button.click();
  return button.page().evaluate(async () => (await window.copied) ?? "");
}

/** Ends the session when the page next posts to `path`: no other request learns of it first. */
export async function endSessionAt(page: Page, path: string): Promise<void> {
  let over = false;
  await page.route(`**${path}`, async (route) => {
    if (!over && route.request().method() === "POST") {
      over = true;
      await page.context().clearCookies();
    }
    await route.continue();
  });
}

/** Tells the page that its accounts trade with real money, which the simulated broker cannot. */
export async function pretendLive(page: Page): Promise<void> {
  await page.route("**/ui/accounts", async (route) => {
    const response = await route.fetch();
    const reply = await response.json();
    for (const account of reply.data) account.analyze_mode = false;
    await route.fulfill({ response, json: reply });
  });
}

function runs(daysAgo = 0): string[] {
  const hours = 24 * daysAgo + (soonSquaredOff(new Date()) ? HOURS_BACK : 0);
  if (hours === 0) return ["-m", "openalgo"];
  return [
    "-c",
    `
import sys
from datetime import UTC, datetime, timedelta
from openalgo.domain.clock import SystemClock
SystemClock.now = lambda self: datetime.now(UTC) - timedelta(hours=${hours})
from openalgo.cli import main
sys.exit(main())
`,
  ];
}

const HOURS_BACK = 2;

/** Whether the simulated market takes no intraday orders, or soon will: from 02:50 to 03:05 in India. */
function soonSquaredOff(now: Date): boolean {
  const minutes = (now.getUTCHours() * 60 + now.getUTCMinutes() + 5 * 60 + 30) % (24 * 60);
  return minutes >= 2 * 60 + 30 && minutes <= 3 * 60 + 6;
}

async function freePorts(): Promise<[number, number]> {
  const ports = await Promise.all([freePort(), freePort()]);
  return ports as [number, number];
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address ? done(address.port) : failed(new Error("no port")),
      );
    });
  });
}

async function answers(origin: string): Promise<void> {
  const deadline = Date.now() + START_WITHIN;
  for (;;) {
    try {
      if ((await fetch(`${origin}/auth/check-setup`)).ok) return;
    } catch {
      if (Date.now() > deadline) throw new Error(`${origin} did not answer in time`);
    }
    await new Promise((wake) => setTimeout(wake, 200));
  }
}
