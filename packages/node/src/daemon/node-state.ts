import type { Store, Tables } from "@shoal/runtime";

const SCHEMA = {
  name: "node_state",
  migrations: [
    `CREATE TABLE node_state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
  ],
};

/** Small facts that the daemon keeps of its earlier runs. */
export class NodeState {
  readonly #tables: Tables;

  private constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** @throws {StoreError} */
  static async open(store: Store): Promise<NodeState> {
    return new NodeState(await store.open(SCHEMA));
  }

  /** @returns null for what was never set. */
  async get(name: string): Promise<string | null> {
    const sql = "SELECT value FROM node_state WHERE name = ?";
    const [row] = await this.#tables.select({ sql, parameters: [name] });
    return (row?.["value"] as string | undefined) ?? null;
  }

  async set(name: string, value: string): Promise<void> {
    const sql = "INSERT OR REPLACE INTO node_state (name, value) VALUES (?, ?)";
    await this.#tables.commit([{ sql, parameters: [name, value] }]);
  }
}
