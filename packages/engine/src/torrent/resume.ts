import {
  type AboutTorrent,
  BencodeDictionary,
  Bitfield,
  decodeBencode,
  encodeBencode,
  type Metainfo,
} from "@shoal/protocol";
import type { FileState, SqlStatement, StoreSchema, Tables } from "@shoal/runtime";
import { GroupCommit } from "./group-commit.ts";

export const RESUME_SCHEMA: StoreSchema = {
  name: "engine",
  migrations: [
    `CREATE TABLE engine_resume (
       info_hash TEXT NOT NULL,
       root TEXT NOT NULL,
       have BLOB NOT NULL,
       settled BLOB NOT NULL,
       boot_id TEXT NOT NULL,
       files TEXT NOT NULL,
       clean INTEGER NOT NULL,
       downloaded INTEGER NOT NULL,
       uploaded INTEGER NOT NULL,
       PRIMARY KEY (info_hash, root)
     ) WITHOUT ROWID;
     CREATE TABLE engine_metadata (
       info_hash TEXT PRIMARY KEY,
       info BLOB NOT NULL,
       layers BLOB NOT NULL
     ) WITHOUT ROWID;`,
    `ALTER TABLE engine_resume ADD COLUMN choices TEXT NOT NULL DEFAULT '{}';`,
    `CREATE TABLE engine_torrents (
       info_hash TEXT PRIMARY KEY,
       entry TEXT NOT NULL
     ) WITHOUT ROWID;
     CREATE TABLE engine_heartbeat (
       id INTEGER PRIMARY KEY CHECK (id = 1),
       at_ms INTEGER NOT NULL
     );`,
    `CREATE TABLE engine_moves (
       info_hash TEXT PRIMARY KEY,
       from_root TEXT NOT NULL,
       to_root TEXT NOT NULL,
       is_done INTEGER NOT NULL
     ) WITHOUT ROWID;`,
    // Entries that cannot be read come first: they are passed over.
    `ALTER TABLE engine_torrents ADD COLUMN place REAL NOT NULL DEFAULT 0;
     UPDATE engine_torrents SET place = json_extract(entry, '$.order')
       WHERE json_valid(entry) AND json_type(entry, '$.order') IN ('integer', 'real');`,
    `ALTER TABLE engine_metadata ADD COLUMN about TEXT NOT NULL DEFAULT '{}';`,
  ],
};

/** What the user has chosen for a torrent's files. */
export interface FileChoices {
  /** By file; all normal when absent. */
  readonly priorities?: readonly number[];
  /** Files whose shared bytes lie in the part file; none when absent. */
  readonly parked?: readonly number[];
  /** Paths that the user gave files. */
  readonly names?: readonly (readonly [fileIndex: number, path: readonly string[]])[];
  /** Paths that files were about to get. */
  readonly renaming?: readonly (readonly [fileIndex: number, path: readonly string[]])[];
  /** Pieces in order. */
  readonly sequential?: boolean;
  /** The ends of files first. */
  readonly endsFirst?: boolean;
}

/** What is remembered of one torrent in one folder, as far as it can be believed. */
export interface ResumeRecord {
  /** Bits of the pieces that are verified and can be read, as on the wire. */
  readonly have: Uint8Array;
  /** Of these, the pieces that have reached the disk for certain. */
  readonly settled: Uint8Array;
  /** The files as they were when the record was written. */
  readonly files: readonly FileState[];
  /** The torrent was closed in order: nothing was written after this record. */
  readonly isClean: boolean;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly choices: FileChoices;
}

/** A record as it is saved: how much of it can be believed turns out when it is read. */
export interface SavedResume extends ResumeRecord {
  /** The run of the system in which it was saved; see `Disk.bootId`. */
  readonly bootId: string;
}

/** What of a torrent's metainfo is kept beside its entry in the list. */
type KeptMetainfo = AboutTorrent & Pick<Metainfo, "infoBytes" | "pieceLayers">;

/** Resume data of a session, by infohash (hex) and folder. */
export class ResumeStore {
  readonly #tables: Tables;
  readonly #commits: GroupCommit;

  constructor(tables: Tables, commits: GroupCommit = new GroupCommit(tables)) {
    this.#tables = tables;
    this.#commits = commits;
  }

  /**
   * @param bootId The present run of the system. In the run of the record a killed process has lost
   * nothing that it had written; after another start only what had settled is believed.
   */
  async load(infoHash: string, root: string, bootId: string): Promise<ResumeRecord | null> {
    const rows = await this.#tables.select({
      sql: "SELECT * FROM engine_resume WHERE info_hash = ? AND root = ?",
      parameters: [infoHash, root],
    });
    const row = rows[0];
    if (row === undefined) return null;
    const isClean = row["clean"] === 1;
    const isReadable = isClean || (bootId !== "" && row["boot_id"] === bootId);
    return {
      have: row[isReadable ? "have" : "settled"] as Uint8Array,
      settled: row["settled"] as Uint8Array,
      files: JSON.parse(row["files"] as string) as FileState[],
      isClean,
      downloadedBytes: Number(row["downloaded"]),
      uploadedBytes: Number(row["uploaded"]),
      choices: JSON.parse(row["choices"] as string) as FileChoices,
    };
  }

  async save(
    infoHash: string,
    root: string,
    record: SavedResume,
    durability: "full" | "normal" = "normal",
  ): Promise<void> {
    await this.#commits.write([saveStatement(infoHash, root, record)], durability);
  }

  /** A torrent's files are about to be moved from one folder to another. */
  async beginMove(infoHash: string, from: string, to: string): Promise<void> {
    const sql =
      "INSERT OR REPLACE INTO engine_moves (info_hash, from_root, to_root, is_done) VALUES (?, ?, ?, 0)";
    await this.#commits.write([{ sql, parameters: [infoHash, from, to] }], "full");
  }

  /** All files are in the folder `to`, as the record says; those in the old one are still to be removed. */
  async saveMoved(infoHash: string, to: string, record: SavedResume): Promise<void> {
    const parameters = [infoHash];
    await this.#commits.write(
      [
        { sql: "DELETE FROM engine_resume WHERE info_hash = ?", parameters },
        saveStatement(infoHash, to, record),
        { sql: "UPDATE engine_moves SET is_done = 1 WHERE info_hash = ?", parameters },
      ],
      "full",
    );
  }

  /** Nothing is left in the old folder. The move is remembered until the torrent is opened in the new one. */
  async finishMove(infoHash: string): Promise<void> {
    const sql = "UPDATE engine_moves SET is_done = 2 WHERE info_hash = ?";
    await this.#commits.write([{ sql, parameters: [infoHash] }], "normal");
  }

  /** A move was given up, or there is nobody left who might not know of it. */
  async forgetMove(infoHash: string): Promise<void> {
    const sql = "DELETE FROM engine_moves WHERE info_hash = ?";
    await this.#commits.write([{ sql, parameters: [infoHash] }], "normal");
  }

  /** The move that the program was at when it ended, or the last one that its user may not know of. */
  async loadMove(infoHash: string): Promise<SavedMove | null> {
    const sql = "SELECT * FROM engine_moves WHERE info_hash = ?";
    const row = (await this.#tables.select({ sql, parameters: [infoHash] }))[0];
    if (row === undefined) return null;
    const [from, to] = [row["from_root"] as string, row["to_root"] as string];
    const state = (["copying", "cleaning", "done"] as const)[Number(row["is_done"])] ?? "done";
    return { from, to, state };
  }

  /** Forgets what was remembered of a torrent in a folder. */
  async forget(infoHash: string, root: string): Promise<void> {
    await this.#commits.write([
      {
        sql: "DELETE FROM engine_resume WHERE info_hash = ? AND root = ?",
        parameters: [infoHash, root],
      },
    ]);
  }

  /** The info dictionary of a torrent, its piece layers as far as they are known, and what its file said beside. */
  async loadMetadata(infoHash: string): Promise<{
    readonly info: Uint8Array;
    readonly layers: ReadonlyMap<string, Uint8Array>;
    readonly about: Partial<AboutTorrent>;
  } | null> {
    const rows = await this.#tables.select({
      sql: "SELECT info, layers, about FROM engine_metadata WHERE info_hash = ?",
      parameters: [infoHash],
    });
    const row = rows[0];
    if (row === undefined) return null;
    return {
      info: row["info"] as Uint8Array,
      layers: readLayers(row["layers"] as Uint8Array),
      about: JSON.parse(row["about"] as string) as Partial<AboutTorrent>,
    };
  }

  /** @param layers Instead of the metainfo's own: those that peers have sent since. */
  async saveMetadata(
    infoHash: string,
    metainfo: KeptMetainfo,
    layers: ReadonlyMap<string, Uint8Array> = metainfo.pieceLayers,
  ): Promise<void> {
    const { infoBytes, comment, createdBy, createdAtS } = metainfo;
    const about = JSON.stringify({ comment, createdBy, createdAtS });
    await this.#commits.write([
      {
        sql: "INSERT OR REPLACE INTO engine_metadata (info_hash, info, layers, about) VALUES (?, ?, ?, ?)",
        parameters: [infoHash, infoBytes, encodeBencode(new Map(layers)), about],
      },
    ]);
  }
}

/** A move that was under way. */
export interface SavedMove {
  readonly from: string;
  readonly to: string;
  /** `copying`: the old files count. `cleaning`: the new ones do, and old ones may be left. */
  readonly state: "copying" | "cleaning" | "done";
}

function saveStatement(infoHash: string, root: string, record: SavedResume): SqlStatement {
  return {
    sql: `INSERT OR REPLACE INTO engine_resume
          (info_hash, root, have, settled, boot_id, files, clean, downloaded, uploaded, choices)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    parameters: [
      infoHash,
      root,
      record.have,
      record.settled,
      record.bootId,
      JSON.stringify(record.files),
      record.isClean ? 1 : 0,
      record.downloadedBytes,
      record.uploadedBytes,
      JSON.stringify(record.choices),
    ],
  };
}

/** By the hex of the pieces root. Whatever is wrong with them is found when they are parsed with the torrent. */
function readLayers(bytes: Uint8Array): Map<string, Uint8Array> {
  const layers = new Map<string, Uint8Array>();
  const dictionary = decodeBencode(bytes);
  if (!(dictionary instanceof BencodeDictionary)) return layers;
  for (const root of dictionary.keys()) {
    const layer = dictionary.bytes(root);
    if (layer !== undefined) layers.set(root, layer);
  }
  return layers;
}

/** What to believe of a resume record, and what to hash again. */
export interface ResumePlan {
  /** Pieces that need no check. */
  readonly have: Bitfield;
  /** Pieces to hash, in order. */
  readonly check: number[];
}

/**
 * Compares a record with the files as they are now.
 *
 * After an orderly stop a file is believed when neither its length nor its time has changed. After
 * a crash writes went on behind the record: what it lists is believed as long as the file has not
 * shrunk; what it does not list is hashed, since it may have been written.
 */
export function planResume(init: {
  record: ResumeRecord | null;
  now: readonly FileState[];
  files: readonly { readonly offsetBytes: number; readonly lengthBytes: number }[];
  pieceCount: number;
  pieceLengthBytes: number;
}): ResumePlan {
  const { record, now, files, pieceCount, pieceLengthBytes } = init;
  const saved = readHave(record, pieceCount);
  const distrusted = new Bitfield(pieceCount);
  const present = new Bitfield(pieceCount);
  files.forEach((file, index) => {
    if (file.lengthBytes === 0) return;
    const state = now[index];
    const first = Math.floor(file.offsetBytes / pieceLengthBytes);
    const last = Math.floor((file.offsetBytes + file.lengthBytes - 1) / pieceLengthBytes);
    const isTrusted = saved !== null && isUnchanged(record!.files[index], state, record!.isClean);
    for (let piece = first; piece <= last; piece++) {
      if (!isTrusted) distrusted.set(piece);
      if (state?.isParked === true) {
        // Only what it shares with its neighbours can be there.
        if (state.lengthBytes !== null && (piece === first || piece === last)) present.set(piece);
        continue;
      }
      const startsAt = piece * pieceLengthBytes - file.offsetBytes;
      if ((state?.lengthBytes ?? 0) > Math.max(0, startsAt)) present.set(piece);
    }
  });
  const have = new Bitfield(pieceCount);
  const check: number[] = [];
  for (let piece = 0; piece < pieceCount; piece++) {
    if (saved?.has(piece) === true && !distrusted.has(piece)) have.set(piece);
    else if (!present.has(piece)) continue;
    else if (distrusted.has(piece) || record?.isClean !== true) check.push(piece);
  }
  return { have, check };
}

function readHave(record: ResumeRecord | null, pieceCount: number): Bitfield | null {
  if (record === null) return null;
  try {
    return Bitfield.fromBytes(record.have, pieceCount);
  } catch {
    // Written for another piece count: worthless, and so is nothing lost by a full check.
    return null;
  }
}

function isUnchanged(
  then: FileState | undefined,
  now: FileState | undefined,
  isClean: boolean,
): boolean {
  if (then === undefined || now === undefined || then.isParked !== now.isParked) return false;
  if (isClean) return then.lengthBytes === now.lengthBytes && then.modifiedMs === now.modifiedMs;
  return (now.lengthBytes ?? 0) >= (then.lengthBytes ?? 0);
}
