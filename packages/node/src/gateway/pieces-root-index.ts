import type { Session, Torrent } from "@shoal/engine";
import type { Metainfo } from "@shoal/protocol";
import type { Log, SqlStatement, Store, StoreSchema, Tables } from "@shoal/runtime";
import { metainfoOf } from "../torrents/look-into-torrent.ts";

export const PIECES_ROOT_SCHEMA: StoreSchema = {
  name: "node_pieces_roots",
  migrations: [
    `CREATE TABLE node_pieces_roots (
       root BLOB NOT NULL,
       info_hash TEXT NOT NULL,
       file INTEGER NOT NULL,
       PRIMARY KEY (root, info_hash, file)
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX node_pieces_roots_torrent ON node_pieces_roots (info_hash);
     CREATE TABLE node_pieces_roots_known (info_hash TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`,
  ],
};

const ROWS_AT_ONCE = 1000;
/** Torrents that are tried for one name: many may have the same file. */
const MAX_FOUND = 16;

/** A file of a torrent of the session. */
export interface FoundFile {
  readonly torrent: Torrent;
  readonly fileIndex: number;
}

/**
 * Which torrent has a file, by its pieces root (BEP 52). In the database, since the torrents of a large session sleep, and their
 * metadata with them.
 */
export class PiecesRootIndex {
  readonly #tables: Tables;
  readonly #session: Session;
  readonly #log: Log;
  readonly #known: Set<string>;
  readonly #endListening: () => void;
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(tables: Tables, session: Session, log: Log, known: readonly string[]) {
    this.#tables = tables;
    this.#session = session;
    this.#log = log;
    this.#known = new Set(known);
    for (const infoHash of known) if (session.find(infoHash) === undefined) this.#forget(infoHash);
    for (const torrent of session.torrents) this.#learn(torrent);
    this.#endListening = session.on((event) => {
      if (event.type === "torrent-removed") this.#forget(event.torrent.infoHash);
      else if ("torrent" in event) this.#learn(event.torrent);
    });
  }

  /** What of the session is not known yet is learnt in the background. @throws {StoreError} */
  static async open(store: Store, session: Session, log: Log): Promise<PiecesRootIndex> {
    const tables = await store.open(PIECES_ROOT_SCHEMA);
    const rows = await tables.select({ sql: "SELECT info_hash FROM node_pieces_roots_known" });
    return new PiecesRootIndex(
      tables,
      session,
      log,
      rows.map((row) => row["info_hash"] as string),
    );
  }

  /** The files that have this pieces root, of torrents that the session has; one that was just added is waited for. */
  async find(piecesRoot: Uint8Array): Promise<FoundFile[]> {
    const found = await this.#look(piecesRoot);
    if (found.length > 0) return found;
    await this.settle();
    return await this.#look(piecesRoot);
  }

  async #look(piecesRoot: Uint8Array): Promise<FoundFile[]> {
    const rows = await this.#tables.select({
      sql: "SELECT info_hash, file FROM node_pieces_roots WHERE root = ? LIMIT ?",
      parameters: [piecesRoot, MAX_FOUND],
    });
    return rows.flatMap((row) => {
      const torrent = this.#session.find(row["info_hash"] as string);
      return torrent === undefined ? [] : [{ torrent, fileIndex: row["file"] as number }];
    });
  }

  /** Resolves once all that the session has told so far is known. */
  async settle(): Promise<void> {
    await this.#last;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endListening();
    await this.#last;
  }

  #learn(torrent: Torrent): void {
    const { infoHash } = torrent;
    if (this.#known.has(infoHash) || torrent.state === "metadata") return;
    this.#known.add(infoHash);
    this.#inTurn(async () => {
      const metainfo = await metainfoOf(torrent);
      if (metainfo === null) this.#known.delete(infoHash);
      else await this.#keep(infoHash, metainfo);
    });
  }

  async #keep(infoHash: string, { files }: Metainfo): Promise<void> {
    const rows = files.flatMap(({ piecesRoot }, file): SqlStatement[] =>
      piecesRoot === null
        ? []
        : [
            {
              sql: "INSERT OR IGNORE INTO node_pieces_roots VALUES (?, ?, ?)",
              parameters: [piecesRoot, infoHash, file],
            },
          ],
    );
    for (let at = 0; at < rows.length && !this.#isClosed; at += ROWS_AT_ONCE) {
      await this.#tables.commit(rows.slice(at, at + ROWS_AT_ONCE));
    }
    if (this.#isClosed) return;
    // Last, so that a kill in between only has it done again.
    const sql = "INSERT OR IGNORE INTO node_pieces_roots_known VALUES (?)";
    await this.#tables.commit([{ sql, parameters: [infoHash] }]);
  }

  #forget(infoHash: string): void {
    if (!this.#known.delete(infoHash)) return;
    const parameters = [infoHash];
    this.#inTurn(() =>
      this.#tables.commit([
        { sql: "DELETE FROM node_pieces_roots_known WHERE info_hash = ?", parameters },
        { sql: "DELETE FROM node_pieces_roots WHERE info_hash = ?", parameters },
      ]),
    );
  }

  #inTurn(work: () => Promise<void>): void {
    this.#last = this.#last
      .then(() => (this.#isClosed ? undefined : work()))
      .catch((error: unknown) => {
        this.#log.warn("files of a torrent cannot be found by their hashes", { error });
      });
  }
}
