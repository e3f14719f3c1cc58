import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { workerData } from "node:worker_threads";
import { StoreError } from "../errors.ts";
import type { SqlRow, SqlStatement, StoreSchema } from "../ports/store.ts";
import { describeStoreError, toStoreError } from "./store-errors.ts";
import type { StoreJob, StoreWorkerData } from "./store-jobs.ts";
import { attempt, serveJobs } from "./worker-serve.ts";

/** How long to wait for another process's transaction; the longest known one takes well under a second. */
const BUSY_TIMEOUT_MS = 10_000;

/** Prepared statements kept; a program has a few dozen. */
const MAX_STATEMENTS = 256;

const { path } = workerData as StoreWorkerData;
const statements = new Map<string, StatementSync>();
let database: DatabaseSync | null = null;
let durability = "normal";

serveJobs<StoreJob>({
  take: () => 1,
  run: ([job]) => [
    attempt(() => {
      try {
        return run(job as StoreJob);
      } catch (error) {
        throw toStoreError(error, path);
      }
    }),
  ],
  weigh: () => 0,
  describe: describeStoreError,
});

function run(job: StoreJob): unknown {
  switch (job.kind) {
    case "open":
      migrate(job.schema);
      break;
    case "select":
      return select(job.statement);
    case "commit":
      setDurability(job.durability);
      transact(() => {
        for (const statement of job.statements)
          prepare(statement.sql).run(...(statement.parameters ?? []));
      });
      break;
    case "close":
      statements.clear();
      database?.close();
      database = null;
  }
  return null;
}

function openDatabase(): DatabaseSync {
  if (database !== null) return database;
  if (path !== null) mkdirSync(dirname(path), { recursive: true });
  const opened = new DatabaseSync(path ?? ":memory:", { timeout: BUSY_TIMEOUT_MS });
  opened.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
  opened.exec(
    "CREATE TABLE IF NOT EXISTS schema_versions (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT",
  );
  database = opened;
  return opened;
}

/** In WAL mode, FULL adds one fsync of the log per transaction: what a power cut needs. */
function setDurability(wanted: "full" | "normal"): void {
  if (wanted === durability) return;
  openDatabase().exec(`PRAGMA synchronous = ${wanted === "full" ? "FULL" : "NORMAL"}`);
  durability = wanted;
}

function migrate(schema: StoreSchema): void {
  setDurability("full");
  // The version is read within the transaction: another process may be migrating too.
  transact(() => {
    const row = prepare("SELECT version FROM schema_versions WHERE name = ?").get(schema.name);
    const version = Number(row?.["version"] ?? 0);
    if (version > schema.migrations.length) {
      throw new StoreError(
        "newer-schema",
        `The tables of ${schema.name} have version ${version}, this program knows ${schema.migrations.length}. ` +
          `Run the newer program that wrote them.`,
      );
    }
    for (const migration of schema.migrations.slice(version)) openDatabase().exec(migration);
    if (version < schema.migrations.length) {
      prepare("INSERT OR REPLACE INTO schema_versions (name, version) VALUES (?, ?)").run(
        schema.name,
        schema.migrations.length,
      );
    }
  });
}

/** All or nothing. Locked for writing from the start, so that waiting for others happens once and up front. */
function transact(change: () => void): void {
  const opened = openDatabase();
  opened.exec("BEGIN IMMEDIATE");
  try {
    change();
    opened.exec("COMMIT");
  } catch (error) {
    if (opened.isTransaction) opened.exec("ROLLBACK");
    throw error;
  }
}

function select({ sql, parameters, bigint }: SqlStatement): SqlRow[] {
  const statement = prepare(sql);
  statement.setReadBigInts(bigint === true);
  return statement.all(...(parameters ?? []));
}

function prepare(sql: string): StatementSync {
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = openDatabase().prepare(sql);
    if (statements.size >= MAX_STATEMENTS)
      statements.delete(statements.keys().next().value as string);
  }
  // Least recently used first.
  statements.delete(sql);
  statements.set(sql, statement);
  return statement;
}
