import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import { toStoreError } from "../node/store-errors.ts";
import type { SqlRow, SqlStatement, Store, StoreSchema } from "../ports/store.ts";
import type { SimProcess } from "./sim-process.ts";
import type { SimRandom } from "./sim-random.ts";

/** SQLite brings its log into the database, and with it onto the disk, now and then: here after this long. */
const CHECKPOINT_MS = 5000;

/**
 * One host's database. It outlives the program.
 *
 * Commits that a power cut may lose are savepoints, each within the one before: rolling back to one
 * undoes it and all later ones, and releasing the first makes all of them durable.
 */
export class Database {
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  /** When each commit that is not yet durable was made, oldest first: savepoints c0, c1, ... */
  #volatileMs: number[] = [];

  constructor() {
    this.#database.exec("PRAGMA foreign_keys = ON");
    this.#database.exec(
      "CREATE TABLE schema_versions (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT",
    );
  }

  migrate(schema: StoreSchema, nowMs: number): void {
    const [row] = this.select({
      sql: "SELECT version FROM schema_versions WHERE name = ?",
      parameters: [schema.name],
    });
    const version = Number(row?.["version"] ?? 0);
    const known = schema.migrations.length;
    if (version > known) {
      const text =
        `The tables of ${schema.name} have version ${version}, this program knows ${known}. ` +
        "Run the newer program that wrote them.";
      throw new StoreError("newer-schema", text);
    }
    if (version === known) return;
    this.#transact("full", nowMs, () => {
      for (const migration of schema.migrations.slice(version)) this.#database.exec(migration);
      this.#prepare("INSERT OR REPLACE INTO schema_versions (name, version) VALUES (?, ?)").run(
        schema.name,
        known,
      );
    });
  }

  select(statement: SqlStatement): SqlRow[] {
    const prepared = this.#prepare(statement.sql);
    prepared.setReadBigInts(statement.bigint === true);
    return prepared.all(...(statement.parameters ?? []));
  }

  commit(statements: readonly SqlStatement[], durability: "full" | "normal", nowMs: number): void {
    this.#transact(durability, nowMs, () => {
      for (const { sql, parameters } of statements) this.#prepare(sql).run(...(parameters ?? []));
    });
  }

  /** Power fails: of the commits that were not durable, the oldest survive, how many is chance. */
  cutPower(random: SimRandom, nowMs: number): void {
    const total = this.#volatileMs.length;
    if (total === 0) return;
    const safe = this.#volatileMs.filter((atMs) => atMs <= nowMs - CHECKPOINT_MS).length;
    const kept = safe + random.integer(total - safe + 1);
    if (kept < total) this.#database.exec(`ROLLBACK TO c${kept}`);
    this.#harden();
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #transact(durability: "full" | "normal", nowMs: number, change: () => void): void {
    const oldestMs = this.#volatileMs[0];
    if (oldestMs !== undefined && oldestMs <= nowMs - CHECKPOINT_MS) this.#harden();
    const savepoint = `c${this.#volatileMs.length}`;
    this.#database.exec(`SAVEPOINT ${savepoint}`);
    try {
      change();
    } catch (error) {
      this.#database.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
      throw error;
    }
    this.#volatileMs.push(nowMs);
    if (durability === "full") this.#harden();
  }

  /** Makes all commits durable. */
  #harden(): void {
    if (this.#volatileMs.length === 0) return;
    this.#database.exec("RELEASE c0");
    this.#volatileMs = [];
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** The store of one host: SQLite in memory, in the world's time. */
export function createSimStore(process: SimProcess): Store {
  const { machine, world } = process;
  const syncMs = machine.options.storeSyncMs ?? 2;
  let isClosed = false;
  /** When the call before is done: calls are carried out in order. */
  let busyUntilMs = 0;

  const call = <T>(durationMs: number, act: (database: Database) => T): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    busyUntilMs = Math.max(busyUntilMs, world.loop.nowMs) + durationMs;
    process.later(busyUntilMs - world.loop.nowMs, () => {
      process.trace("store", 0);
      try {
        machine.database ??= new Database();
        resolve(act(machine.database));
      } catch (error) {
        reject(toStoreError(error, null));
      }
    });
    return promise;
  };
  const assertOpen = () => {
    if (isClosed) throw new StoreError("closed", "The database is closed.");
  };

  return {
    async open(schema) {
      assertOpen();
      await call(syncMs, (database) => database.migrate(schema, world.loop.nowMs));
      return {
        async select(statement) {
          assertOpen();
          return await call(syncMs / 10, (database) => database.select(statement));
        },
        async commit(statements, durability = "full") {
          assertOpen();
          const durationMs = durability === "full" ? syncMs : syncMs / 10;
          await call(durationMs, (database) =>
            database.commit(statements, durability, world.loop.nowMs),
          );
        },
      };
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await call(0, () => {});
    },
  };
}
