import type { Answer } from "@shoal/api";
import type { SqlRow, SqlStatement, Store, StoreSchema, Tables } from "@shoal/runtime";
import type { ParsedItem } from "./parse-feed.ts";

/** Items kept of a feed, of those that it no longer tells of: so that one that comes back is known. */
const MAX_KEPT_ITEMS = 5000;

export const FEED_SCHEMA: StoreSchema = {
  name: "node_feeds",
  migrations: [
    `CREATE TABLE node_feeds (
       id INTEGER PRIMARY KEY AUTOINCREMENT,
       url TEXT NOT NULL UNIQUE,
       options TEXT NOT NULL,
       title TEXT NOT NULL,
       etag TEXT,
       modified TEXT,
       asked_ms INTEGER,
       next_ms INTEGER NOT NULL,
       failures INTEGER NOT NULL,
       error TEXT
     ) STRICT;
     CREATE TABLE node_feed_items (
       feed INTEGER NOT NULL,
       guid TEXT NOT NULL,
       title TEXT NOT NULL,
       source TEXT NOT NULL,
       published_ms INTEGER,
       size_bytes INTEGER,
       seen INTEGER NOT NULL,
       added INTEGER NOT NULL,
       attempts INTEGER NOT NULL,
       PRIMARY KEY (feed, guid)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE node_feed_episodes (
       feed INTEGER NOT NULL,
       episode TEXT NOT NULL,
       PRIMARY KEY (feed, episode)
     ) STRICT, WITHOUT ROWID`,
  ],
};

/** What the user says of a feed. */
export type FeedOptions = Pick<
  Answer<"addFeed">,
  "category" | "intervalS" | "filter" | "addPaused" | "isOn"
>;

/** What is known of a feed's address. */
export interface FeedState {
  readonly title: string;
  readonly etag: string | null;
  readonly modified: string | null;
  readonly askedAtMs: number | null;
  /** When it is asked next, in milliseconds since 1970. */
  readonly nextMs: number;
  /** In a row. */
  readonly failures: number;
  readonly error: string | null;
}

export interface Feed {
  readonly id: number;
  readonly url: string;
  readonly options: FeedOptions;
  readonly state: FeedState;
}

export interface KnownItem extends ParsedItem {
  readonly isAdded: boolean;
  /** How often it was tried to be added, and could not be. */
  readonly attempts: number;
}

/** The feeds, and what they have told, in the daemon's database. */
export class FeedStore {
  readonly #tables: Tables;

  private constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** @throws {StoreError} */
  static async open(store: Store): Promise<FeedStore> {
    return new FeedStore(await store.open(FEED_SCHEMA));
  }

  async list(): Promise<Feed[]> {
    const rows = await this.#tables.select({ sql: "SELECT * FROM node_feeds ORDER BY id" });
    return rows.map(toFeed);
  }

  /** @returns The new feed. @throws {StoreError} `constraint` when there is one with this URL. */
  async add(url: string, options: FeedOptions, state: FeedState): Promise<Feed> {
    await this.#tables.commit([
      {
        sql: `INSERT INTO node_feeds
                (url, options, title, etag, modified, asked_ms, next_ms, failures, error)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        parameters: [url, JSON.stringify(options), ...stateValues(state)],
      },
    ]);
    const sql = "SELECT * FROM node_feeds WHERE url = ?";
    const [row] = await this.#tables.select({ sql, parameters: [url] });
    return toFeed(row!);
  }

  async save({ id, options, state }: Feed): Promise<void> {
    await this.#tables.commit([
      {
        sql: `UPDATE node_feeds
              SET options = ?, title = ?, etag = ?, modified = ?, asked_ms = ?, next_ms = ?,
                  failures = ?, error = ?
              WHERE id = ?`,
        parameters: [JSON.stringify(options), ...stateValues(state), id],
      },
    ]);
  }

  async remove(id: number): Promise<void> {
    const parameters = [id];
    await this.#tables.commit([
      { sql: "DELETE FROM node_feeds WHERE id = ?", parameters },
      { sql: "DELETE FROM node_feed_items WHERE feed = ?", parameters },
      { sql: "DELETE FROM node_feed_episodes WHERE feed = ?", parameters },
    ]);
  }

  /** Takes in what a feed tells now; what of it was known before keeps its marks. */
  async take(feed: number, items: readonly ParsedItem[], nowMs: number): Promise<void> {
    await this.#tables.commit([
      ...items.map(({ guid, title, source, publishedAtMs, sizeBytes }) => ({
        sql: `INSERT INTO node_feed_items VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)
              ON CONFLICT DO UPDATE SET
                title = excluded.title, source = excluded.source, seen = excluded.seen,
                published_ms = excluded.published_ms, size_bytes = excluded.size_bytes`,
        parameters: [feed, guid, title, source, publishedAtMs, sizeBytes, nowMs],
      })),
      {
        sql: `DELETE FROM node_feed_items WHERE feed = ? AND seen < ? AND guid NOT IN
                (SELECT guid FROM node_feed_items WHERE feed = ? ORDER BY seen DESC LIMIT ?)`,
        parameters: [feed, nowMs, feed, MAX_KEPT_ITEMS],
      },
    ]);
  }

  /** What a feed told when it was last read, the newest first. */
  async items(feed: number): Promise<KnownItem[]> {
    const rows = await this.#tables.select({
      sql: `SELECT * FROM node_feed_items
            WHERE feed = ? AND seen = (SELECT MAX(seen) FROM node_feed_items WHERE feed = ?)
            ORDER BY published_ms DESC, guid`,
      parameters: [feed, feed],
    });
    return rows.map(toItem);
  }

  /** Whether all of these were taken: episodes, each once. */
  async hasEpisode(feed: number, episode: string): Promise<boolean> {
    const sql = "SELECT 1 FROM node_feed_episodes WHERE feed = ? AND episode = ?";
    return (await this.#tables.select({ sql, parameters: [feed, episode] })).length > 0;
  }

  /** The item is with the torrents now, or not wanted for good: it is not looked at again. */
  async setAdded(feed: number, guid: string, episode: string | null): Promise<void> {
    const statements: SqlStatement[] = [
      {
        sql: "UPDATE node_feed_items SET added = 1 WHERE feed = ? AND guid = ?",
        parameters: [feed, guid],
      },
    ];
    if (episode !== null) {
      statements.push({
        sql: "INSERT OR IGNORE INTO node_feed_episodes VALUES (?, ?)",
        parameters: [feed, episode],
      });
    }
    await this.#tables.commit(statements);
  }

  async setFailed(feed: number, guid: string): Promise<void> {
    const sql = "UPDATE node_feed_items SET attempts = attempts + 1 WHERE feed = ? AND guid = ?";
    await this.#tables.commit([{ sql, parameters: [feed, guid] }]);
  }
}

function stateValues(state: FeedState) {
  const { title, etag, modified, askedAtMs, nextMs, failures, error } = state;
  return [title, etag, modified, askedAtMs, nextMs, failures, error];
}

function toFeed(row: SqlRow): Feed {
  return {
    id: row["id"] as number,
    url: row["url"] as string,
    options: JSON.parse(row["options"] as string) as FeedOptions,
    state: {
      title: row["title"] as string,
      etag: row["etag"] as string | null,
      modified: row["modified"] as string | null,
      askedAtMs: row["asked_ms"] as number | null,
      nextMs: row["next_ms"] as number,
      failures: row["failures"] as number,
      error: row["error"] as string | null,
    },
  };
}

function toItem(row: SqlRow): KnownItem {
  return {
    guid: row["guid"] as string,
    title: row["title"] as string,
    source: row["source"] as string,
    publishedAtMs: row["published_ms"] as number | null,
    sizeBytes: row["size_bytes"] as number | null,
    isAdded: row["added"] === 1,
    attempts: row["attempts"] as number,
  };
}
