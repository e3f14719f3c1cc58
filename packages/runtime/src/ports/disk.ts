import type { Journal } from "./journal.ts";
import type { SlabPool } from "./slab-pool.ts";

/** One file of a storage. Ranges of the linear space that no file covers read as zeros and take no writes (pad files). */
export interface StorageFile {
  /** Path below the root, one component each, already made safe. */
  readonly path: readonly string[];
  readonly lengthBytes: number;
  /** Where the file starts in the torrent's linear space of pieces. */
  readonly offsetBytes: number;
  readonly executable?: boolean;
  /** A symbolic link to this path below the root instead of a file with content. */
  readonly symlinkTarget?: readonly string[];
}

export interface StorageLayout {
  /** The folder that holds the files; created when missing. */
  readonly root: string;
  /** In the order of their offsets. */
  readonly files: readonly StorageFile[];
  readonly partFile?: PartFile;
}

/**
 * One hidden file for what pieces need of files that nobody wants: the bytes that a *parked* file shares with its
 * neighbours' pieces lie there, and the file itself is not made. Where they lie follows from the layout
 * alone, so nothing has to be remembered of it.
 */
export interface PartFile {
  /** Below the root. */
  readonly path: readonly string[];
  readonly pieceLengthBytes: number;
  /** Indices of files that were parked when the storage was last open. */
  readonly parked: readonly number[];
}

/**
 * Where the bytes of a range lie, in order, as flat pairs `[place, lengthBytes, ...]`. A place
 * of 0 or more is an offset into the pool's memory; `ON_DISK` says that the range was written before.
 */
export type Parts = readonly number[];

export const ON_DISK = -1;

export interface PieceCheck {
  /** Where the piece starts in the linear space. */
  readonly offsetBytes: number;
  /** Length with padding: what `sha1` covers. */
  readonly lengthBytes: number;
  /** Expected SHA-1 of the piece (20 bytes), for v1 and hybrid torrents. */
  readonly sha1?: Uint8Array;
  /** Expected BEP 52 hash, for v2 and hybrid torrents. */
  readonly merkle?: {
    /** The subtree's root: of the piece, or of the whole file when it is no longer than a piece. 32 bytes. */
    readonly root: Uint8Array;
    /** Bytes of the file within this piece; blocks end here. */
    readonly lengthBytes: number;
    /** Leaves of the full subtree, a power of two; missing ones count as zeros. */
    readonly leafCount: number;
  };
  /** Asks for the piece's SHA-1 itself: for a torrent to be, whose hashes nobody knows yet. */
  readonly wantSha1?: boolean;
  /** Asks for the leaf hashes even when the piece is good, or when nothing is expected of it. */
  readonly wantLeaves?: boolean;
  /** Bytes that the leaves cover where no `merkle` says so; the whole piece when absent. */
  readonly leavesLengthBytes?: number;
}

export interface PieceVerdict {
  readonly ok: boolean;
  /** For a hybrid torrent: which of the two agreed. They disagree only when the torrent itself is broken. */
  readonly sha1Ok?: boolean;
  readonly merkleOk?: boolean;
  /** SHA-1 of the piece, when asked and all of the piece is there. */
  readonly sha1?: Uint8Array;
  /** SHA-256 of each 16 KiB block, concatenated: when the check has `merkle` and failed, or when asked. */
  readonly leaves?: Uint8Array;
}

/** One gathered read: byte ranges of the linear space, each to its own place in the pool's memory. */
export interface ReadRun {
  /** Flat triples `[offsetBytes, lengthBytes, place, ...]`. */
  readonly ranges: readonly number[];
}

export interface FileState {
  /** Null when the file does not exist. */
  readonly lengthBytes: number | null;
  readonly modifiedMs: number | null;
  /** The file is parked: length and time are those of the part file. */
  readonly isParked?: true;
}

/** A plain file below a folder. */
export interface FoundFile {
  /** Below the folder, one component each. */
  readonly path: readonly string[];
  readonly lengthBytes: number;
}

export interface MoveOptions {
  /** What stands in the new places may be there from a move to the same root that was interrupted. */
  readonly isResumed?: boolean;
  /** Part that is done, 0 to 1. */
  readonly onProgress?: (part: number) => void;
  /** Ends it before `commit`. What is in the new places stays, for a move that is carried on. */
  readonly signal?: AbortSignal;
  /**
   * The files are in their new places, on the disk for certain. May call nothing of the storage.
   * @param states As `states` will answer.
   */
  readonly commit?: (states: readonly FileState[]) => Promise<void>;
}

/**
 * The files of one torrent. Calls may be under way together; writes to one file never overlap.
 * Every call may fail with a {@link DiskError}: `full`, `denied`, `missing`, `exists`, `not-a-file`, `too-long`,
 * `escapes-root`, `io` or `closed`.
 */
export interface Storage {
  /** Hashes a piece and writes it when it is good. The parts belong to the storage until it answers. */
  hashAndWrite(check: PieceCheck, parts: Parts): Promise<PieceVerdict>;
  /** Writes bytes that are not verified yet, to free the pool's memory. */
  write(offsetBytes: number, parts: Parts): Promise<void>;
  /** Hashes a piece that lies on disk. A file that is missing or too short counts as not ok. */
  check(check: PieceCheck): Promise<PieceVerdict>;
  /** Reads into the pool's memory. */
  read(run: ReadRun): Promise<void>;
  /** What is on disk now, one entry per file of the layout. */
  states(): Promise<readonly FileState[]>;
  /**
   * Puts a copy of another file in the place of one of the layout. The two share their blocks on disk
   * where the file system can do that (`cloned`); writing to one never changes the other.
   * @param from Absolute path of a plain file as long as the layout's.
   * @returns null, with nothing done, when something stands in the place already or `from` is no such file.
   */
  adopt(fileIndex: number, from: string): Promise<"cloned" | "copied" | null>;
  /**
   * Parks these files, but for those that exist, and brings home what the part file has of all others, durably. Waits
   * for what is under way, and lets nothing begin meanwhile. The part file stays: a record may still speak of it.
   * @returns the files that are parked now.
   * @throws {RangeError} when the layout has no part file.
   */
  park(fileIndices: readonly number[]): Promise<readonly number[]>;
  /** Removes the part file where no file is parked. */
  trimPartFile(): Promise<void>;
  /**
   * Gives files other paths below the root, durably. A file that does not exist yet only gets its path. Waits as
   * `park` does.
   * @param paths By index: paths as in the layout.
   * @param isResumed Files may be in their new places already: a call for the same was interrupted.
   * @throws {DiskError} `exists` when something else stands in a new place, and nothing was renamed.
   */
  rename(paths: ReadonlyMap<number, readonly string[]>, isResumed?: boolean): Promise<void>;
  /**
   * Moves all files to another root, while they are read and written on in the old one: linked where the system can
   * do that, else copied and synced. Once all of them are there, nothing else begins until `commit` has written down
   * where they are; then they are used in their new places, and removed from the old ones. Killed at any
   * moment, either all of the old ones are there or all of the new ones.
   * @throws {DiskError} `exists`, `full` or another; the signal's reason. Everything is where it was then, unless
   * `commit` was called and did not throw.
   */
  move(root: string, options: MoveOptions): Promise<void>;
  /**
   * Reserves the room of files, creating them, so that a disk that fills up later stops nothing.
   * @returns whether the system could do that.
   * @throws {DiskError} `full`.
   */
  allocate(fileIndices: readonly number[]): Promise<boolean>;
  /**
   * Removes the files of the layout and the part file, or that alone, and then folders that are empty, but never
   * the root. Follows no links. Waits as `park` does.
   */
  remove(what: "everything" | "part-file"): Promise<void>;
  /** Creates empty files, folders and symbolic links, and sets attributes: the last step of a download. Parked files are left out. */
  finish(): Promise<void>;
  /** Writes back what the system still holds of this storage, as far as `kill -9` and power cuts matter. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Files and hashing, off the main thread. Coarse, so that ports cost nothing on the payload path. */
export interface Disk {
  /** The memory that sockets receive into and workers hash, write and read from. */
  readonly pool: SlabPool;
  /**
   * Opens the files of a torrent, creating nothing yet.
   * @throws {DiskError} `escapes-root` when a link on the way leads out of the root.
   */
  open(layout: StorageLayout): Promise<Storage>;
  /**
   * Plain files below a folder, in no particular order; links are not followed, and what cannot be
   * read is left out.
   * @param most Entries looked at, folders included: the rest is left out.
   */
  list(folder: string, most: number): Promise<readonly FoundFile[]>;
  /**
   * Opens a journal, made when missing; only its owner may read it.
   * @param path Absolute.
   * @throws {DiskError} `locked` while a program has it open.
   */
  openJournal(path: string): Promise<Journal>;
  /** Bytes that a program without privileges may still write below `path` (or its nearest existing parent). */
  freeBytes(path: string): Promise<number>;
  /**
   * Names the run of the system since it was started. While it stays the same, everything that was
   * written can be read, even what never reached the disk. Empty when that cannot be told.
   */
  readonly bootId: string;
  /** Pieces that can usefully be checked at once. */
  readonly checkWidth: number;
  close(): Promise<void>;
}
