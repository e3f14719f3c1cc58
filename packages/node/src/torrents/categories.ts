import type { Session, ShareLimits } from "@shoal/engine";
import type { Store, StoreSchema, Tables } from "@shoal/runtime";
import { NodeError } from "../errors.ts";

const SCHEMA: StoreSchema = {
  name: "node_categories",
  migrations: [
    `CREATE TABLE node_categories (
       name TEXT PRIMARY KEY,
       options TEXT NOT NULL
     ) WITHOUT ROWID;`,
  ],
};

/** Far more than anybody tells apart. */
const MAX_CATEGORIES = 1000;

/** What torrents of a category have in common. */
export interface CategorySettings {
  /** Where its torrents go; null for the folder of downloads. */
  readonly folder: string | null;
  /** Of all its torrents together, in bytes per second; null for no limit. */
  readonly downloadLimit: number | null;
  readonly uploadLimit: number | null;
  readonly shareLimits: ShareLimits;
}

const NO_SETTINGS: CategorySettings = {
  folder: null,
  downloadLimit: null,
  uploadLimit: null,
  shareLimits: {},
};

/** The categories of the daemon's torrents: kept over restarts, and known to the session. */
export class Categories {
  readonly #tables: Tables;
  readonly #session: Session;
  readonly #settings: Map<string, CategorySettings>;

  private constructor(tables: Tables, session: Session, settings: Map<string, CategorySettings>) {
    this.#tables = tables;
    this.#session = session;
    this.#settings = settings;
  }

  /** Brings back the categories of earlier runs. @throws {StoreError} */
  static async open(store: Store, session: Session): Promise<Categories> {
    const tables = await store.open(SCHEMA);
    const rows = await tables.select({ sql: "SELECT name, options FROM node_categories" });
    const settings = new Map<string, CategorySettings>();
    for (const { name, options } of rows) {
      const known = JSON.parse(options as string) as Partial<CategorySettings>;
      settings.set(name as string, { ...NO_SETTINGS, ...known });
    }
    for (const [name, options] of settings) session.setCategory(name, options);
    return new Categories(tables, session, settings);
  }

  get names(): readonly string[] {
    return [...this.#settings.keys()].toSorted();
  }

  get(name: string): CategorySettings | undefined {
    return this.#settings.get(name);
  }

  /**
   * Makes a category, or changes it; what is absent stays.
   * @throws {RangeError} for limits that are none; {NodeError} `bad-request`; {StoreError}.
   */
  async set(name: string, change: Partial<CategorySettings> = {}): Promise<CategorySettings> {
    const before = this.#settings.get(name);
    if (before === undefined && this.#settings.size >= MAX_CATEGORIES) {
      throw new NodeError("bad-request", `There are ${MAX_CATEGORIES} categories: remove some.`);
    }
    const settings = { ...NO_SETTINGS, ...before, ...change };
    // The session checks the limits.
    this.#session.setCategory(name, settings);
    this.#settings.set(name, settings);
    await this.#tables.commit([
      {
        sql: "INSERT OR REPLACE INTO node_categories (name, options) VALUES (?, ?)",
        parameters: [name, JSON.stringify(settings)],
      },
    ]);
    return settings;
  }

  /** Removes a category; its torrents are in none then. @throws {NodeError} `not-found`; {StoreError}. */
  async remove(name: string): Promise<void> {
    if (!this.#settings.delete(name)) {
      throw new NodeError("not-found", `There is no category ${JSON.stringify(name)}.`);
    }
    this.#session.removeCategory(name);
    await this.#tables.commit([
      { sql: "DELETE FROM node_categories WHERE name = ?", parameters: [name] },
    ]);
  }
}
