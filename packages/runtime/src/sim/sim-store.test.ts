import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimHost } from "./sim-host.ts";
import { withWorld } from "./with-world.ts";
import { createWorld } from "./world.ts";
import type { SimWorld } from "./world.ts";

const SCHEMA = { name: "log", migrations: ["CREATE TABLE log_lines (n INTEGER PRIMARY KEY)"] };

async function openLog(world: SimWorld, host: SimHost) {
  const tables = await world.complete(host.store.open(SCHEMA));
  return {
    add: (n: number, durability: "full" | "normal") =>
      world.complete(
        tables.commit([{ sql: "INSERT INTO log_lines VALUES (?)", parameters: [n] }], durability),
      ),
    async lines() {
      const rows = await world.complete(
        tables.select({ sql: "SELECT n FROM log_lines ORDER BY n" }),
      );
      return rows.map(({ n }) => n);
    },
  };
}

test("a power cut keeps full commits and an unbroken run of the normal ones", async () => {
  const lengths = new Set<number>();
  for (let seed = 1; seed <= 10; seed++) {
    const world = createWorld({ seed });
    const host = world.host({ address: "10.0.0.1" });
    const log = await openLog(world, host);
    for (const n of [1, 2, 3]) await log.add(n, n === 3 ? "full" : "normal");
    for (const n of [4, 5, 6]) await log.add(n, "normal");
    await assert.rejects(log.add(6, "normal"), { code: "constraint" });
    host.crash("power");
    const lines = await (await openLog(world, world.restart(host))).lines();
    assert.deepEqual(lines, [1, 2, 3, 4, 5, 6].slice(0, lines.length));
    assert.ok(lines.length >= 3);
    lengths.add(lines.length);
  }
  assert.ok(lengths.size > 2);
});

test("a killed program loses no commit that was answered", async () => {
  await withWorld({}, async (world) => {
    const host = world.host({ address: "10.0.0.1" });
    const log = await openLog(world, host);
    await log.add(1, "normal");
    host.crash();
    assert.deepEqual(await (await openLog(world, world.restart(host))).lines(), [1]);
  });
});

test("normal commits reach the disk within 5 s", async () => {
  await withWorld({ seed: 3 }, async (world) => {
    const host = world.host({ address: "10.0.0.1" });
    const log = await openLog(world, host);
    for (const n of [1, 2, 3]) await log.add(n, "normal");
    await world.run({ untilMs: world.timeMs + 5000 });
    host.crash("power");
    assert.deepEqual(await (await openLog(world, world.restart(host))).lines(), [1, 2, 3]);
  });
});
