import type { Store, StoreSchema, Tables } from "@shoal/runtime";

export const COMPLETION_SCHEMA: StoreSchema = {
  name: "node_completions",
  migrations: [
    `CREATE TABLE node_completions (
       info_hash TEXT PRIMARY KEY,
       state TEXT NOT NULL
     ) STRICT, WITHOUT ROWID`,
  ],
};

/** `begun`: a program was started for it, and its end is not known. `done`: it has ended, or none was to be run. */
export type CompletionState = "begun" | "done";

/** Says that there are marks, also while no torrent has one. */
const OPENED = "";

/** Which completions of torrents were taken note of, in the daemon's database. */
export class CompletionMarks {
  readonly #tables: Tables;
  readonly #states: Map<string, CompletionState>;
  /** Nothing was ever marked here: what is complete by now was so before there were marks. */
  readonly isFirst: boolean;

  private constructor(tables: Tables, states: Map<string, CompletionState>, isFirst: boolean) {
    this.#tables = tables;
    this.#states = states;
    this.isFirst = isFirst;
  }

  /** @throws {StoreError} */
  static async open(store: Store): Promise<CompletionMarks> {
    const tables = await store.open(COMPLETION_SCHEMA);
    const rows = await tables.select({ sql: "SELECT * FROM node_completions" });
    const states = new Map(
      rows.map((row) => [row["info_hash"] as string, row["state"] as CompletionState]),
    );
    return new CompletionMarks(tables, states, rows.length === 0);
  }

  /** Torrents whose programs were begun, by an earlier run of the daemon or by this one, and whose end is not known. */
  get begun(): readonly string[] {
    return [...this.#states].flatMap(([infoHash, state]) => (state === "begun" ? [infoHash] : []));
  }

  has(infoHash: string): boolean {
    return this.#states.has(infoHash);
  }

  /** Torrents that have a mark. */
  get marked(): readonly string[] {
    return [...this.#states.keys()].filter((infoHash) => infoHash !== OPENED);
  }

  /** From now on what is complete without a mark is news. */
  async begin(): Promise<void> {
    if (this.isFirst) await this.set([OPENED], "done");
  }

  /** Answers when the marks are on disk. */
  async set(infoHashes: readonly string[], state: CompletionState): Promise<void> {
    const sql = "INSERT OR REPLACE INTO node_completions VALUES (?, ?)";
    await this.#tables.commit(
      infoHashes.map((infoHash) => ({ sql, parameters: [infoHash, state] })),
      "full",
    );
    for (const infoHash of infoHashes) this.#states.set(infoHash, state);
  }

  async remove(infoHash: string): Promise<void> {
    if (!this.#states.delete(infoHash)) return;
    const sql = "DELETE FROM node_completions WHERE info_hash = ?";
    await this.#tables.commit([{ sql, parameters: [infoHash] }]);
  }
}
