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
   * What an earlier run has left, in order of the queue, and the date at which it was last seen.
   * An entry that cannot be read is passed over, and stays where it is.
   */
  async load(log: Log): Promise<{ entries: TorrentEntry[]; lastSeenMs: number }> {
    const rows = await this.#tables.select({ sql: "SELECT info_hash, entry FROM engine_torrents" });
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
    const seen = await this.#tables.select({ sql: "SELECT at_ms FROM engine_heartbeat" });
    entries.sort((a, b) => a.order - b.order);
    return { entries, lastSeenMs: Number(seen[0]?.["at_ms"] ?? 0) };
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
    sql: "INSERT OR REPLACE INTO engine_torrents (info_hash, entry) VALUES (?, ?)",
    parameters: [entry.infoHash, JSON.stringify(entry)],
  };
}
