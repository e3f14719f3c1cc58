import { DiskError } from "../errors.ts";
import { isEqual } from "./content-store.ts";
import { SimFile } from "./sim-file.ts";
import type { World } from "./world-state.ts";

/** What a disk can be told to answer. */
export type DiskFault = "full" | "denied" | "io";

/** A host's disk as a test sees and prepares it. Paths are absolute, `/data/a/b`. */
export interface HostFiles {
  /** Puts a file there, as if it had always been. The bytes belong to the world from now on and may be shared. */
  write(path: string, bytes: Uint8Array): void;
  /** The whole content, or null when there is no file. */
  read(path: string): Uint8Array | null;
  /** Whether the file is there and has this content: costs a comparison, and none where hosts share the bytes. */
  holds(path: string, content: Uint8Array): boolean;
  remove(path: string): void;
  /** Puts a symbolic link there. */
  link(path: string, target: string): void;
  /** Where the symbolic link at `path` leads, or null when there is none. */
  linkAt(path: string): string | null;
  isExecutable(path: string): boolean;
  paths(): string[];
  /** Makes every use of `path` and of what lies below it fail; null lets it work again. */
  fail(path: string, fault: DiskFault | null): void;
  readonly usedBytes: number;
}

const MAX_LINKS = 8;

/** One host's files. It outlives the host's program. */
export class FileSystem implements HostFiles {
  readonly #world: World;
  readonly #capacityBytes: number;
  readonly #files = new Map<string, SimFile>();
  readonly #folders = new Set<string>();
  readonly #links = new Map<string, string>();
  readonly #faults = new Map<string, DiskFault>();
  usedBytes = 0;

  constructor(world: World, capacityBytes: number) {
    this.#world = world;
    this.#capacityBytes = capacityBytes;
  }

  get freeBytes(): number {
    return Math.max(0, this.#capacityBytes - this.usedBytes);
  }

  write(path: string, bytes: Uint8Array): void {
    this.remove(path);
    const file = this.create(path);
    this.writeAt(path, file, 0, bytes, 0);
    file.sync();
  }

  read(path: string): Uint8Array | null {
    const file = this.#files.get(path);
    if (file === undefined) return null;
    const bytes = new Uint8Array(file.content.lengthBytes);
    let at = 0;
    for (const [view, length] of file.content.views(0, bytes.length)) {
      if (view !== null) bytes.set(view, at);
      at += length;
    }
    return bytes;
  }

  holds(path: string, content: Uint8Array): boolean {
    const file = this.#files.get(path);
    if (file?.content.lengthBytes !== content.length) return false;
    const views = file.content.views(0, content.length);
    return isEqual(
      content,
      views.map(([view, lengthBytes]) => view ?? new Uint8Array(lengthBytes)),
    );
  }

  remove(path: string): void {
    this.#links.delete(path);
    const file = this.#files.get(path);
    if (file === undefined) return;
    this.usedBytes -= file.content.allocatedBytes;
    this.#files.delete(path);
  }

  /** @throws {DiskError} `exists` when `from` cannot be renamed to `to`. */
  assertFree(from: string, to: string, isResumed: boolean): void {
    if (from === to || (isResumed && !this.#files.has(from))) return;
    if (this.#files.has(to) || this.#links.has(to)) {
      throw new DiskError("exists", to, `${to} exists already.`);
    }
  }

  /** Durable at once; what stands there is replaced. */
  rename(from: string, to: string): void {
    const file = this.#files.get(from);
    if (file === undefined || from === to) return;
    this.#addFolders(to);
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  link(path: string, target: string): void {
    this.remove(path);
    this.#addFolders(path);
    this.#links.set(path, target);
  }

  linkAt(path: string): string | null {
    return this.#links.get(path) ?? null;
  }

  isExecutable(path: string): boolean {
    return this.#files.get(path)?.isExecutable ?? false;
  }

  paths(): string[] {
    return [...this.#files.keys(), ...this.#links.keys()];
  }

  fail(path: string, fault: DiskFault | null): void {
    if (fault === null) this.#faults.delete(path);
    else this.#faults.set(path, fault);
  }

  /**
   * The real place of a path below `root`; links are followed as long as they stay inside.
   * @param followLast whether a link at the very end is followed too.
   * @throws {DiskError} `escapes-root`, or what `fail` asked for.
   */
  place(root: string, path: readonly string[], followLast = true): string {
    let links = 0;
    let waiting = [...path];
    let at = root;
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      at = `${at}/${part}`;
      const target = this.#links.get(at);
      if (target === undefined || (waiting.length === 0 && !followLast)) continue;
      if (++links > MAX_LINKS || (target !== root && !target.startsWith(`${root}/`))) {
        const text = `${at} is a symbolic link to ${target}, outside the download folder. Remove the link.`;
        throw new DiskError("escapes-root", at, text);
      }
      waiting = [
        ...target
          .slice(root.length + 1)
          .split("/")
          .filter(Boolean),
        ...waiting,
      ];
      at = root;
    }
    this.#assertWorks(at);
    return at;
  }

  find(path: string): SimFile | undefined {
    return this.#files.get(path);
  }

  /**
   * The file at `path`, made when missing.
   * @throws {DiskError} `not-a-file`.
   */
  create(path: string): SimFile {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    if (this.#folders.has(path)) throw notAFile(path);
    this.#addFolders(path);
    const file = new SimFile();
    this.#files.set(path, file);
    return file;
  }

  /** @throws {DiskError} `full`, with nothing written. */
  writeAt(
    path: string,
    file: SimFile,
    offset: number,
    bytes: Uint8Array,
    modifiedMs: number,
  ): void {
    const growth = file.content.holeBytes(offset, bytes.length);
    if (this.usedBytes + growth > this.#capacityBytes) throw fail("full", path);
    this.usedBytes += growth;
    file.write(offset, bytes, this.#world.loop.nowMs);
    file.modifiedMs = modifiedMs;
  }

  /** Cuts off what lies behind `lengthBytes`; durable at once. */
  truncate(file: SimFile, lengthBytes: number): void {
    this.usedBytes -= file.content.allocatedBytes;
    file.truncate(lengthBytes);
    this.usedBytes += file.content.allocatedBytes;
  }

  /** Power fails: what was not synced is kept, lost or torn, by the world's chance. */
  cutPower(): void {
    for (const [path, file] of this.#files) {
      if (!file.cutPower(this.#world.random, this.#world.loop.nowMs)) this.#files.delete(path);
    }
    this.usedBytes = 0;
    for (const file of this.#files.values()) this.usedBytes += file.content.allocatedBytes;
  }

  #assertWorks(path: string): void {
    for (const [prefix, fault] of this.#faults) {
      if (path === prefix || path.startsWith(`${prefix}/`)) throw fail(fault, path);
    }
  }

  #addFolders(path: string): void {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (this.#files.has(folder)) throw notAFile(folder);
      this.#folders.add(folder);
    }
  }
}

function fail(fault: DiskFault, path: string): DiskError {
  const reasons = {
    full: `No room for ${path}. Free some space, or choose a folder on another disk, and resume.`,
    denied: `No permission for ${path}. Choose another folder.`,
    io: `${path} could not be used: the disk failed. Check the disk.`,
  };
  return new DiskError(fault, path, reasons[fault]);
}

function notAFile(path: string): DiskError {
  return new DiskError("not-a-file", path, `Something else stands where ${path} should be.`);
}
