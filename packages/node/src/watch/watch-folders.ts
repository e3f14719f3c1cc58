import { isAbsolute, join } from "node:path";
import type { Settings } from "@shoal/api";
import { BENCODE_LIMITS, parseMagnet, parseMetainfo, ProtocolError } from "@shoal/protocol";
import { type Clock, DiskError, type Log, type Timer } from "@shoal/runtime";
import type { TorrentIntake } from "../feeds/item-adder.ts";
import type { FileStamp, LocalFiles } from "../local-files/local-files.ts";

export type WatchFolder = Settings["downloads"]["watchFolders"][number];

/** A file that is the same at two looks has stopped growing. */
const LOOK_EVERY_MS = 2000;
/** Names looked at in a folder, and files taken from it at one look: the rest at the next. */
const MAX_NAMES = 10_000;
const MAX_TAKEN_AT_ONCE = 100;
const MAX_MAGNET_BYTES = 64 * 1024;
/** A file that could not be added is tried again with ever longer pauses, up to this many looks. */
const MAX_PAUSE_LOOKS = 150;
/** Names tried for a file whose new name is taken. */
const MAX_SUFFIX = 100;

/** What is known of a file in a watched folder. */
interface Candidate {
  readonly stamp: string;
  /** Tried so often, and in so many looks again. */
  readonly failures: number;
  readonly pauseLooks: number;
}

/**
 * Adds the torrent files (`.torrent`) and magnet links (`.magnet`) that appear in folders, once they have stopped growing,
 * and gives them a name that says what became of them: `.added`, or `.invalid` for those that cannot be read. A kill between the
 * two has a file added again, which changes nothing.
 */
export class WatchFolders {
  readonly #files: LocalFiles;
  readonly #torrents: TorrentIntake;
  readonly #log: Log;
  readonly #timer: Timer;
  readonly #seen = new Map<string, Candidate>();
  /** Folders that could not be looked into: said once. */
  readonly #unreadable = new Set<string>();
  #folders: readonly WatchFolder[] = [];
  #last: Promise<void> = Promise.resolve();
  #isLooking = false;
  #isClosed = false;

  constructor(init: { files: LocalFiles; torrents: TorrentIntake; clock: Clock; log: Log }) {
    this.#files = init.files;
    this.#torrents = init.torrents;
    this.#log = init.log;
    this.#timer = init.clock.setRepeating(LOOK_EVERY_MS, () => void this.look());
  }

  /** Watches these folders from now on. */
  use(folders: readonly WatchFolder[]): void {
    this.#folders = folders;
    this.#unreadable.clear();
  }

  /** Looks into all folders; that is done every 2 s anyway. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#isClosed) return await this.#last;
    this.#isLooking = true;
    this.#last = this.#lookIntoAll().finally(() => void (this.#isLooking = false));
    await this.#last;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer.cancel();
    await this.#last;
  }

  async #lookIntoAll(): Promise<void> {
    const here = new Set<string>();
    for (const folder of this.#folders) {
      try {
        await this.#lookInto(folder, here);
        this.#unreadable.delete(folder.path);
      } catch (error) {
        if (this.#unreadable.has(folder.path)) continue;
        this.#unreadable.add(folder.path);
        this.#log.warn("a watched folder cannot be looked into", { folder: folder.path, error });
      }
    }
    for (const path of this.#seen.keys()) if (!here.has(path)) this.#seen.delete(path);
  }

  async #lookInto(folder: WatchFolder, here: Set<string>): Promise<void> {
    if (!isAbsolute(folder.path)) {
      throw new DiskError("missing", folder.path, "Expected an absolute path.");
    }
    const names = await this.#files.list(folder.path, MAX_NAMES);
    let taken = 0;
    for (const name of names) {
      if (!/^[^.].*\.(?:torrent|magnet)$/i.test(name)) continue;
      const path = join(folder.path, name);
      here.add(path);
      if (this.#isClosed || taken >= MAX_TAKEN_AT_ONCE) continue;
      if (!(await this.#isRipe(path))) continue;
      taken++;
      await this.#take(path, folder);
    }
  }

  /** It is as it was at the look before, and not one that failed a short while ago. */
  async #isRipe(path: string): Promise<boolean> {
    const stamp = describe(await this.#files.stamp(path));
    const before = this.#seen.get(path);
    if (before?.stamp !== stamp) {
      this.#seen.set(path, { stamp, failures: 0, pauseLooks: 0 });
      return false;
    }
    if (before.pauseLooks === 0) return true;
    this.#seen.set(path, { ...before, pauseLooks: before.pauseLooks - 1 });
    return false;
  }

  async #take(path: string, folder: WatchFolder): Promise<void> {
    try {
      const source = await this.#read(path);
      await this.#torrents
        .add({
          source,
          ...(folder.folder !== null && { folder: folder.folder }),
          ...(folder.category !== null && { category: folder.category }),
          ...(folder.paused && { paused: true }),
        })
        .catch((error: unknown) => {
          if (!isDuplicate(error)) throw error;
        });
      await this.#mark(path, "added");
      this.#log.info("a torrent of a watched folder was added", { path });
    } catch (error) {
      if (isBroken(error)) {
        this.#log.warn("a file of a watched folder is no torrent", { path, error });
        return await this.#mark(path, "invalid").catch((cause: unknown) => this.#fail(path, cause));
      }
      this.#fail(path, error);
    }
  }

  async #read(path: string): Promise<Uint8Array | string> {
    if (/\.magnet$/i.test(path)) {
      const text = Buffer.from(await this.#files.read(path, MAX_MAGNET_BYTES))
        .toString()
        .trim();
      parseMagnet(text);
      return text;
    }
    const bytes = await this.#files.read(path, BENCODE_LIMITS.torrent.lengthBytes);
    parseMetainfo(bytes);
    return bytes;
  }

  async #mark(path: string, what: "added" | "invalid"): Promise<void> {
    for (let count = 0; ; count++) {
      try {
        const suffix = count === 0 ? "" : `.${count}`;
        return await this.#files.move(path, `${path}.${what}${suffix}`);
      } catch (error) {
        const isTaken = error instanceof DiskError && error.code === "exists";
        if (!isTaken || count >= MAX_SUFFIX) throw error;
      }
    }
  }

  #fail(path: string, error: unknown): void {
    const before = this.#seen.get(path);
    if (before === undefined) return;
    const failures = before.failures + 1;
    const pauseLooks = Math.min(MAX_PAUSE_LOOKS, 2 ** Math.min(failures, 10));
    this.#seen.set(path, { ...before, failures, pauseLooks });
    const event =
      "a file of a watched folder cannot be added, or not be renamed; it is tried again";
    this.#log.warn(event, { path, failures, error });
  }
}

function describe(stamp: FileStamp | null): string {
  return stamp === null ? "" : `${stamp.lengthBytes} ${stamp.modifiedMs}`;
}

/** Nothing that could be mended by waiting. */
function isBroken(error: unknown): boolean {
  if (error instanceof DiskError) return error.code === "too-long";
  return error instanceof ProtocolError;
}

function isDuplicate(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "duplicate-torrent";
}
