/** A value of a column. Blobs come back as fresh arrays, integers as numbers unless `bigint` is asked. */
export type SqlValue = null | number | bigint | string | Uint8Array;

export type SqlRow = Readonly<Record<string, SqlValue>>;

/** One SQL statement with its parameters, in the order of its `?`. */
export interface SqlStatement {
  readonly sql: string;
  readonly parameters?: readonly SqlValue[];
  /** Asks for every integer of the answer as bigint. Without it, one beyond 2^53 fails the call. */
  readonly bigint?: boolean;
}

/** The tables of one package. Table names start with the package's name: `engine_resume`. */
export interface StoreSchema {
  readonly name: string;
  /** `migrations[n]` brings version n to n + 1. Published entries never change. */
  readonly migrations: readonly string[];
}

/** One package's way into the database. Calls are carried out in order, off the main thread. */
export interface Tables {
  select(statement: SqlStatement): Promise<SqlRow[]>;
  /**
   * Carries out all statements or none, and answers when they are on disk.
   * `durability: "full"` survives a power cut (money), `"normal"` a killed process (resume data).
   * @throws {StoreError} `constraint`, `full`, `corrupt`, `closed` or `failed`; nothing was changed then.
   */
  commit(statements: readonly SqlStatement[], durability?: "full" | "normal"): Promise<void>;
}

/** Small state that survives `kill -9`: one SQLite database, which several processes may open together. */
export interface Store {
  /**
   * Opens a package's tables, migrating them first.
   * @throws {StoreError} `newer-schema` when a newer program wrote them.
   */
  open(schema: StoreSchema): Promise<Tables>;
  close(): Promise<void>;
}
