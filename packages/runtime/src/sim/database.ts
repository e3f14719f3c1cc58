import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import type { SqlRow, SqlStatement, StoreSchema } from "../ports/store.ts";
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
