import assert from "node:assert/strict";
import type { Store, StoreSchema } from "../ports/store.ts";
import { createFacts } from "./fixture.ts";
import type { CreateFixture } from "./fixture.ts";

export interface StorePorts {
  /** Opens the same database anew; what is there stays. */
  readonly openStore: () => Store;
}

const SCHEMA: StoreSchema = {
  name: "shelf",
  migrations: [
    "CREATE TABLE shelf_items (name TEXT PRIMARY KEY, weight INTEGER, data BLOB) STRICT",
  ],
};

const ALL = { sql: "SELECT * FROM shelf_items ORDER BY name" };

function insert(name: string, weight: number | bigint | null, data: Uint8Array | null = null) {
  return { sql: "INSERT INTO shelf_items VALUES (?, ?, ?)", parameters: [name, weight, data] };
}

/** What every `Store` does. */
export function testStore(world: string, create: CreateFixture<StorePorts>): void {
  const fact = createFacts(`${world} store`, create);

  fact("values of every kind come back as they were", async ({ openStore }) => {
    const store = openStore();
    const tables = await store.open(SCHEMA);
    await tables.commit([
      insert("a", 7, Uint8Array.of(0, 255)),
      insert("b", null),
      insert("c", 2n ** 60n),
    ]);
    const rows = await tables.select({ ...ALL, bigint: true });
    assert.deepEqual(
      rows.map(({ name, weight, data }) => [name, weight, data]),
      [
        ["a", 7n, Uint8Array.of(0, 255)],
        ["b", null, null],
        ["c", 2n ** 60n, null],
      ],
    );
    const [first] = await tables.select({
      sql: "SELECT weight FROM shelf_items WHERE name = ?",
      parameters: ["a"],
    });
    assert.equal(first?.["weight"], 7);
    await store.close();
  });

  fact("a commit changes all or nothing", async ({ openStore }) => {
    const store = openStore();
    const tables = await store.open(SCHEMA);
    await tables.commit([insert("a", 1)]);
    const failing = tables.commit([insert("b", 2), insert("a", 3), insert("c", 4)]);
    await assert.rejects(failing, { name: "StoreError", code: "constraint" });
    assert.equal((await tables.select(ALL)).length, 1);
    await tables.commit([insert("b", 2)], "normal");
    assert.equal((await tables.select(ALL)).length, 2);
    await store.close();
  });

  fact("calls are carried out in the order they were made", async ({ openStore }) => {
    const store = openStore();
    const tables = await store.open(SCHEMA);
    const commits = Array.from({ length: 20 }, (_, index) =>
      tables.commit([insert(`n${index}`, index)], "normal"),
    );
    const seen = await tables.select(ALL);
    assert.equal(seen.length, 20);
    await Promise.all(commits);
    await store.close();
  });

  fact(
    "what was committed is there after it was closed, and migrations run once each",
    async ({ openStore }) => {
      const first = openStore();
      await (await first.open(SCHEMA)).commit([insert("kept", 1)]);
      await first.close();
      const second = openStore();
      const migrations = [...SCHEMA.migrations, "ALTER TABLE shelf_items ADD COLUMN colour TEXT"];
      const tables = await second.open({ name: "shelf", migrations });
      assert.deepEqual(
        (await tables.select(ALL)).map(({ name, colour }) => [name, colour]),
        [["kept", null]],
      );
      await second.close();
      const older = openStore();
      await assert.rejects(older.open(SCHEMA), { name: "StoreError", code: "newer-schema" });
      await older.close();
    },
  );

  fact("a migration that fails changes nothing", async ({ openStore }) => {
    const store = openStore();
    const broken = { name: "shelf", migrations: [`${SCHEMA.migrations[0]}; CREATE NONSENSE`] };
    await assert.rejects(store.open(broken), { code: "failed" });
    const tables = await store.open(SCHEMA);
    assert.deepEqual(await tables.select(ALL), []);
    await store.close();
  });

  fact("a closed store refuses calls", async ({ openStore }) => {
    const store = openStore();
    const tables = await store.open(SCHEMA);
    await store.close();
    await store.close();
    await assert.rejects(tables.select(ALL), { name: "StoreError", code: "closed" });
    await assert.rejects(store.open(SCHEMA), { code: "closed" });
  });
}
