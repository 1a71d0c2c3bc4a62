import { expect, it } from "vitest";
import { applied, type Change, Keeper, type KeeperPorts, type KeptByName } from "./keeper";

class Conflict extends Error {}

const add =
  (item: string): Change =>
  (now) => [...((now as string[]) ?? []), item];

/** A server that several windows write to. */
class Server {
  kept: Record<string, { value: unknown; version: number }> = {};
  writes = 0;
  refuses: Error | null = null;

  write(name: string, value: unknown, since: number): number {
    this.writes += 1;
    if (this.refuses) throw this.refuses;
    const version = this.kept[name]?.version ?? 0;
    if (since !== version) throw new Conflict();
    this.kept[name] = { value, version: version + 1 };
    return version + 1;
  }
}

function windowOf(server: Server) {
  let known: KeptByName | undefined;
  const failures: unknown[] = [];
  const ports: KeeperPorts = {
    known: () => known,
    read: async () => {
      known = { ...server.kept };
      return known;
    },
    write: async (name, value, since) => {
      await Promise.resolve();
      return server.write(name, value, since);
    },
    kept: (name, now) => {
      known = { ...known, [name]: now };
    },
    isConflict: (error) => error instanceof Conflict,
    failed: (_, error) => failures.push(error),
  };
  const keeper = new Keeper(ports);
  return {
    keeper,
    failures,
    load: () => ports.read(),
    shown: () => applied(keeper.pending.get().list ?? [], known?.list?.value),
    settled: async () => {
      while ((keeper.pending.get().list ?? []).length > 0) await Promise.resolve();
    },
  };
}

it("shows a change at once, and what the server has afterwards", async () => {
  const server = new Server();
  const here = windowOf(server);
  await here.load();
  here.keeper.change("list", add("SBIN"));
  expect(here.shown()).toEqual(["SBIN"]);
  expect(server.kept.list).toBeUndefined();
  await here.settled();
  expect(here.shown()).toEqual(["SBIN"]);
  expect(server.kept.list).toEqual({ value: ["SBIN"], version: 1 });
});

it("keeps the changes of both windows", async () => {
  const server = new Server();
  const [here, there] = [windowOf(server), windowOf(server)];
  await Promise.all([here.load(), there.load()]);
  here.keeper.change("list", add("SBIN"));
  await here.settled();
  there.keeper.change("list", add("INFY"));
  await there.settled();
  expect(server.kept.list?.value).toEqual(["SBIN", "INFY"]);
  expect(there.shown()).toEqual(["SBIN", "INFY"]);
  expect([...here.failures, ...there.failures]).toEqual([]);
});

it("sends what was changed meanwhile together, in its order", async () => {
  const server = new Server();
  const here = windowOf(server);
  await here.load();
  for (const item of ["A", "B", "C", "D"]) here.keeper.change("list", add(item));
  await here.settled();
  expect(server.kept.list?.value).toEqual(["A", "B", "C", "D"]);
  expect(server.writes).toBeLessThan(4);
});

it("shows again what the server has where a change was refused, and says so", async () => {
  const server = new Server();
  const here = windowOf(server);
  server.kept.list = { value: ["A"], version: 5 };
  await here.load();
  server.refuses = new Error("too large");
  here.keeper.change("list", add("B"));
  expect(here.shown()).toEqual(["A", "B"]);
  await here.settled();
  expect(here.shown()).toEqual(["A"]);
  expect(here.failures).toEqual([server.refuses]);
  server.refuses = null;
  here.keeper.change("list", add("C"));
  await here.settled();
  expect(server.kept.list).toEqual({ value: ["A", "C"], version: 6 });
});

it("gives up where other windows are always faster", async () => {
  const server = new Server();
  const here = windowOf(server);
  await here.load();
  server.refuses = new Conflict();
  here.keeper.change("list", add("A"));
  await here.settled();
  expect(here.failures).toEqual([server.refuses]);
  expect(server.writes).toBe(4);
});
