import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { plainEnvironment } from "./environment";
import { PYTHON, SOURCE } from "./stage";

/** What the twin's app is called: as a user copies it from the broker's developer console. */
export const APP = { key: "twinkey", secret: "twinsecret" };

const SETTING = "BROKER_ENDPOINTS=";

/** An order as the broker holds it. */
export interface HeldOrder {
  order_id: string;
  tag: string | null;
  status: string;
  tradingsymbol: string;
  transaction_type: "BUY" | "SELL";
  quantity: number;
  filled_quantity: number;
  modifications: number;
  /** Rupees. */
  average_price: number;
}

/**
 * The twin of Zerodha in a process of its own: a small exchange that speaks the broker's format.
 * Its prices stay where `price` puts them.
 */
export class Twin {
  private constructor(
    private readonly process: ChildProcess,
    /** What the server has to be told to find it here. */
    readonly setting: string,
    private readonly address: string,
  ) {}

  /** `origin` is the server's: where a login at the broker sends the browser back to. */
  static async open(origin: string): Promise<Twin> {
    const process = spawn(
      PYTHON,
      ["-m", "openalgo", "twin", "zerodha", "--speed", "0"].concat(
        "--callback",
        `${origin}/zerodha/callback`,
      ),
      { stdio: ["ignore", "pipe", "inherit"], env: { ...plainEnvironment(), PYTHONPATH: SOURCE } },
    );
    for await (const line of createInterface({ input: process.stdout })) {
      if (!line.startsWith(SETTING)) continue;
      const { zerodha } = JSON.parse(line.slice(SETTING.length));
      // Another site than ours, as the broker's own is: no cookie of ours gets there or comes back
      // that would not in earnest.
      const login = zerodha.login.replace("127.0.0.1", "localhost");
      const setting = JSON.stringify({ zerodha: { ...zerodha, login } });
      return new Twin(process, setting, zerodha.api);
    }
    throw new Error("the twin did not start");
  }

  async close(): Promise<void> {
    const ended = new Promise((done) => this.process.once("exit", done));
    this.process.kill("SIGTERM");
    await ended;
  }

  /** A trade of `instrument`, such as `NSE:SBIN`, at `price` rupees. */
  async price(instrument: string, price: number): Promise<void> {
    await this.tell("/prices", { instrument, price });
  }

  /** From now on something goes wrong; the kinds and routes are in docs/brokers/twin.md. */
  async fault(rule: {
    kind: string;
    route: string;
    count?: number;
    delay_ms?: number;
    status?: number;
  }) {
    await this.tell("/faults", rule);
  }

  async calm(): Promise<void> {
    await this.ask("/twin/faults", { method: "DELETE" });
  }

  /** Ends the session, as the broker does each morning. */
  async endSession(): Promise<void> {
    await this.tell("/session/expire", {});
  }

  /** The orders of the day for `symbol`, as the broker holds them. */
  async orders(symbol: string): Promise<HeldOrder[]> {
    const rows: HeldOrder[] = await this.ask("/twin/book");
    return rows.filter((row) => row.tradingsymbol === symbol);
  }

  /** What the account had this morning, in rupees. */
  async cash(segments: { equity: number; commodity: number }): Promise<void> {
    await this.tell("/funds", segments);
  }

  /** A limit order for one share, in the broker's own app; its id. */
  async place(symbol: string, price: number): Promise<string> {
    const order = {
      exchange: "NSE",
      tradingsymbol: symbol,
      transaction_type: "BUY",
      order_type: "LIMIT",
      price: String(price),
      quantity: "1",
      product: "MIS",
      validity: "DAY",
    };
    const placed = await this.ask("/orders/regular", {
      method: "POST",
      headers: await this.asApp(),
      body: new URLSearchParams(order),
    });
    return placed.order_id;
  }

  private async asApp(): Promise<Record<string, string>> {
    const { access_token } = await this.ask("/twin/session");
    return { "X-Kite-Version": "3", Authorization: `token ${APP.key}:${access_token}` };
  }

  private tell(path: string, body: object) {
    return this.ask(`/twin${path}`, { method: "POST", body: JSON.stringify(body) });
  }

  private async ask(path: string, request: RequestInit = {}) {
    const reply = await fetch(`${this.address}${path}`, request);
    const answer = await reply.text();
    if (!reply.ok) throw new Error(answer);
    return JSON.parse(answer).data;
  }
}
