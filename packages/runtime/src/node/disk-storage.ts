import { resolve } from "node:path";
import { DiskError } from "../errors.ts";
import { ON_DISK } from "../ports/disk.ts";
import type {
  FileState,
  MoveOptions,
  Parts,
  PieceCheck,
  PieceVerdict,
  ReadRun,
  Storage,
  StorageLayout,
} from "../ports/disk.ts";
import type { AdoptStep, DiskJob } from "./disk-jobs.ts";
import type { DiskWorkers } from "./disk-workers.ts";
import { moveStorage, type MovableStorage, type WrittenRanges } from "./move-storage.ts";
import { assertSafePath } from "./storage-map.ts";
import type { WorkerLink } from "./worker-link.ts";

/** What one thread hashes in about 7 ms: two groups of four pieces of 1 MiB. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;

export interface DiskStorageOptions {
  readonly id: number;
  readonly layout: StorageLayout;
  readonly workers: DiskWorkers;
  /** The files lie elsewhere from now on. */
  readonly onChanged: (layout: StorageLayout) => void;
  readonly onClosed: () => void;
}

/** One torrent's files: hands its jobs to the workers. */
export class DiskStorage implements Storage {
  readonly id: number;
  #layout: StorageLayout;
  readonly #workers: DiskWorkers;
  readonly #writer: WorkerLink;
  readonly #onChanged: (layout: StorageLayout) => void;
  readonly #onClosed: () => void;
  /** Held up while the files are rearranged: what begins meanwhile waits for it. */
  #rearranging: Promise<unknown> | null = null;
  /** What is written while the files are moved. */
  #written: WrittenRanges | null = null;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor({ id, layout, workers, onChanged, onClosed }: DiskStorageOptions) {
    this.id = id;
    this.#layout = layout;
    this.#workers = workers;
    this.#writer = workers.receivers[id % workers.receivers.length] as WorkerLink;
    this.#onChanged = onChanged;
    this.#onClosed = onClosed;
  }

  async inspect(): Promise<void> {
    await this.#call(this.#writer, { kind: "inspect", storage: this.id });
  }

  hashAndWrite(check: PieceCheck, parts: Parts): Promise<PieceVerdict> {
    assertCovers(check.lengthBytes, parts);
    return this.#begin(() => this.#hashAndWrite(check, parts));
  }

  async write(offsetBytes: number, parts: Parts): Promise<void> {
    this.#written?.push([offsetBytes, lengthOf(parts)]);
    await this.#call(this.#writer, { kind: "write", storage: this.id, offsetBytes, parts });
  }

  async check(check: PieceCheck): Promise<PieceVerdict> {
    const job: DiskJob = { kind: "check", storage: this.id, check };
    return (await this.#call(idlest(this.#workers.hashers), job)) as PieceVerdict;
  }

  async read({ ranges }: ReadRun): Promise<void> {
    await this.#call(idlest(this.#workers.readers), { kind: "read", storage: this.id, ranges });
  }

  async states(): Promise<readonly FileState[]> {
    const job: DiskJob = { kind: "states", storage: this.id };
    return (await this.#call(idlest(this.#workers.readers), job)) as FileState[];
  }

  async adopt(fileIndex: number, from: string): Promise<"cloned" | "copied" | null> {
    // In steps: others' writes wait for the same thread.
    let step: AdoptStep = 0;
    while (typeof step === "number") {
      const job: DiskJob = { kind: "adopt", storage: this.id, fileIndex, from, position: step };
      step = (await this.#call(this.#writer, job)) as AdoptStep;
    }
    return step;
  }

  park(fileIndices: readonly number[]): Promise<readonly number[]> {
    const { partFile } = this.#layout;
    if (partFile === undefined)
      throw new RangeError("This storage was opened without a part file.");
    return this.#rearrange(async () => {
      const job: DiskJob = { kind: "park", storage: this.id, fileIndices };
      const parked = (await this.#writer.call(job)) as number[];
      this.#change({ ...this.#layout, partFile: { ...partFile, parked } });
      return parked;
    });
  }

  rename(paths: ReadonlyMap<number, readonly string[]>, isResumed = false): Promise<void> {
    const files = this.#layout.files.map((file, index) => ({
      ...file,
      path: paths.get(index) ?? file.path,
    }));
    for (const { path } of files) assertSafePath(this.#layout.root, path);
    return this.#rearrange(async () => {
      const job: DiskJob = { kind: "rename", storage: this.id, paths: [...paths], isResumed };
      await this.#writer.call(job);
      this.#change({ ...this.#layout, files });
    });
  }

  async move(root: string, options: MoveOptions): Promise<void> {
    this.#assertOpen();
    const written: WrittenRanges = [];
    this.#written = written;
    const storage: MovableStorage = {
      id: this.id,
      layout: this.#layout,
      // Not the writer: blocks that arrive wait for that.
      call: (job) => this.#call(idlest(this.#workers.readers), job),
      rearrange: (act) => this.#rearrange(() => act((job) => this.#writer.call(job))),
      change: (layout) => this.#change(layout),
    };
    try {
      await moveStorage(storage, resolve(root), options, written);
    } finally {
      this.#written = null;
    }
  }

  async allocate(fileIndices: readonly number[]): Promise<boolean> {
    let couldAll = true;
    for (const fileIndex of fileIndices) {
      const job: DiskJob = { kind: "allocate", storage: this.id, fileIndex };
      couldAll = ((await this.#call(this.#writer, job)) as boolean) && couldAll;
    }
    return couldAll;
  }

  remove(what: "everything" | "part-file"): Promise<void> {
    return this.#rearrange(async () => {
      const { root } = this.#layout;
      // Closes them first: an open file is not removed everywhere.
      this.#change(this.#layout);
      const job: DiskJob = { kind: "remove", storage: this.id, root, what };
      await this.#writer.call(job);
    });
  }

  async trimPartFile(): Promise<void> {
    await this.#call(this.#writer, { kind: "trim", storage: this.id });
  }

  async finish(): Promise<void> {
    await this.#call(this.#writer, { kind: "finish", storage: this.id });
  }

  async sync(): Promise<void> {
    await this.#call(this.#writer, { kind: "sync", storage: this.id });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#rearranging;
    await Promise.allSettled(this.#underWay);
    this.#onClosed();
  }

  async #hashAndWrite(check: PieceCheck, parts: Parts): Promise<PieceVerdict> {
    this.#assertOpen();
    const hasher = this.#findHasher(check);
    const andWrite = hasher === this.#writer;
    const hash: DiskJob = { kind: "hash", storage: this.id, check, parts, andWrite };
    const verdict = (await hasher.call(hash)) as PieceVerdict;
    if (andWrite || !verdict.ok) return verdict;
    const { offsetBytes } = check;
    this.#written?.push([offsetBytes, check.lengthBytes]);
    await this.#writer.call({
      kind: "write",
      storage: this.id,
      offsetBytes,
      parts,
    } satisfies DiskJob);
    return verdict;
  }

  /** The writer itself, unless it has enough to do: pieces queue up, and may then go in lanes together. */
  #findHasher(check: PieceCheck): WorkerLink {
    const { receivers } = this.#workers;
    const hasRoom = (link: WorkerLink) => link.pending * check.lengthBytes < MAX_QUEUED_BYTES;
    return hasRoom(this.#writer) ? this.#writer : (receivers.find(hasRoom) ?? idlest(receivers));
  }

  async #call(link: WorkerLink, job: DiskJob): Promise<unknown> {
    this.#assertOpen();
    return await this.#begin(() => link.call(job));
  }

  /** Starts what uses the files, now or when they are in their places again. */
  #begin<T>(act: () => Promise<T>): Promise<T> {
    if (this.#rearranging === null) return this.#track(act());
    return this.#rearranging.then(() => {
      this.#assertOpen();
      return this.#begin(act);
    });
  }

  /** Does what nothing else may overlap with. */
  async #rearrange<T>(act: () => Promise<T>): Promise<T> {
    while (this.#rearranging !== null) await this.#rearranging;
    this.#assertOpen();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#rearranging = promise;
    try {
      await Promise.allSettled(this.#underWay);
      return await act();
    } finally {
      this.#rearranging = null;
      resolve();
    }
  }

  #change(layout: StorageLayout): void {
    this.#layout = layout;
    this.#onChanged(layout);
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    this.#underWay.add(promise);
    const forget = () => this.#underWay.delete(promise);
    promise.then(forget, forget);
    return promise;
  }

  #assertOpen(): void {
    if (this.#closing === null) return;
    throw new DiskError(
      "closed",
      this.#layout.root,
      `The files below ${this.#layout.root} are closed. Open them again.`,
    );
  }
}

function lengthOf(parts: Parts): number {
  let sum = 0;
  for (let at = 1; at < parts.length; at += 2) sum += parts[at] as number;
  return sum;
}

/** The link with the fewest calls under way; the first of equals, so that idle threads are not started. */
function idlest(links: readonly WorkerLink[]): WorkerLink {
  let best = links[0] as WorkerLink;
  for (const link of links) if (link.pending < best.pending) best = link;
  return best;
}

/** @throws {RangeError} when the parts are no pairs or do not add up. */
function assertCovers(lengthBytes: number, parts: Parts): void {
  let sum = 0;
  for (let at = 0; at < parts.length; at += 2) {
    const [place, length] = [parts[at], parts[at + 1]];
    if (place === undefined || length === undefined || length < 0 || place < ON_DISK) {
      throw new RangeError("Parts are pairs of a place and a length.");
    }
    sum += length;
  }
  if (sum !== lengthBytes)
    throw new RangeError(`The parts have ${sum} bytes, but the piece has ${lengthBytes}.`);
}
