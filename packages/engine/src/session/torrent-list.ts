import type { Log, SqlStatement, Tables } from "@shoal/runtime";
import type { TorrentEntry } from "../torrent/entry.ts";
import type { GroupCommit } from "../torrent/group-commit.ts";

/** The torrents of a session, kept over restarts. */
export class TorrentList {
  readonly #tables: Tables;
  readonly #commits: GroupCommit;

  constructor(tables: Tables, commits: GroupCommit) {
    this.#tables = tables;
    this.#commits = commits;
  }

  /**
   * The infohashes of what an earlier run has left, in order of the queue. Those whose entries cannot be read come
   * first.
   * @throws {StoreError}
   */
  async list(): Promise<string[]> {
    const sql = "SELECT info_hash FROM engine_torrents ORDER BY place";
    const rows = await this.#tables.select({ sql });
    return rows.map((row) => row["info_hash"] as string);
  }

  /**
   * Some of them, in order of the queue. An entry that cannot be read is passed over, and stays where it is.
   * @throws {StoreError}
   */
  async load(infoHashes: readonly string[], log: Log): Promise<TorrentEntry[]> {
    const rows = await this.#tables.select({
      sql: "SELECT info_hash, entry FROM engine_torrents WHERE info_hash IN (SELECT value FROM json_each(?))",
      parameters: [JSON.stringify(infoHashes)],
    });
    const entries: TorrentEntry[] = [];
    for (const row of rows) {
      try {
        entries.push(JSON.parse(row["entry"] as string) as TorrentEntry);
      } catch (error) {
        log.error("a torrent of an earlier run cannot be read", {
          infoHash: row["info_hash"],
          error,
        });
      }
    }
    return entries.sort((a, b) => a.order - b.order);
  }

  /** The date at which the earlier run was last seen; 0 when there was none. @throws {StoreError} */
  async lastSeenMs(): Promise<number> {
    const seen = await this.#tables.select({ sql: "SELECT at_ms FROM engine_heartbeat" });
    return Number(seen[0]?.["at_ms"] ?? 0);
  }

  /** @throws {StoreError} */
  async put(entries: readonly TorrentEntry[]): Promise<void> {
    if (entries.length > 0) await this.#commits.write(entries.map(toStatement));
  }

  /** Forgets a torrent, and its metadata. @throws {StoreError} */
  async remove(infoHash: string): Promise<void> {
    await this.#commits.write([
      { sql: "DELETE FROM engine_torrents WHERE info_hash = ?", parameters: [infoHash] },
      { sql: "DELETE FROM engine_metadata WHERE info_hash = ?", parameters: [infoHash] },
    ]);
  }

  /** Notes that the session lives: time that torrents spend is counted up to here after a kill. */
  async beat(nowMs: number): Promise<void> {
    await this.#commits.write([
      {
        sql: "INSERT OR REPLACE INTO engine_heartbeat (id, at_ms) VALUES (1, ?)",
        parameters: [Math.round(nowMs)],
      },
    ]);
  }
}

function toStatement(entry: TorrentEntry): SqlStatement {
  return {
    sql: "INSERT OR REPLACE INTO engine_torrents (info_hash, entry, place) VALUES (?, ?, ?)",
    parameters: [entry.infoHash, JSON.stringify(entry), entry.order],
  };
}
