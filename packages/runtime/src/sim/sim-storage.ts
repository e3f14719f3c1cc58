import { DiskError } from "../errors.ts";
import { assertSafePath, createStorageMap } from "../node/storage-map.ts";
import type { StorageMap } from "../node/storage-map.ts";
import { ON_DISK } from "../ports/disk.ts";
import type {
  FileState,
  MoveOptions,
  PartFile,
  Parts,
  PieceCheck,
  PieceVerdict,
  ReadRun,
  Storage,
  StorageFile,
  StorageLayout,
} from "../ports/disk.ts";
import type { DiskQueue } from "./disk-queue.ts";
import { bringHome } from "./sim-parking.ts";
import { moveSimFiles, type MovableSimStorage } from "./sim-move.ts";
import { judgeMissing } from "./judge-piece.ts";
import type { SimFile } from "./sim-file.ts";
import type { SimProcess } from "./sim-process.ts";

const ZEROS = new Uint8Array(64 * 1024);

/** One torrent's files on a simulated disk. */
export class SimStorage implements Storage {
  readonly #process: SimProcess;
  readonly #queue: DiskQueue;
  readonly #memory: () => SharedArrayBuffer;
  #root: string;
  /** Held up while everything changes its place. */
  #rearranging: Promise<void> | null = null;
  #files: readonly StorageFile[];
  readonly #partFile: PartFile | undefined;
  #parked: ReadonlySet<number>;
  #map: StorageMap;
  #isClosed = false;

  /**
   * @param memory the pool's.
   * @throws {RangeError} for overlapping files, {DiskError} for unsafe paths.
   */
  constructor(
    process: SimProcess,
    queue: DiskQueue,
    layout: StorageLayout,
    memory: () => SharedArrayBuffer,
  ) {
    this.#process = process;
    this.#queue = queue;
    this.#memory = memory;
    this.#root = layout.root.replace(/\/+$/, "");
    this.#files = layout.files;
    for (const { path, symlinkTarget } of layout.files) {
      assertSafePath(this.#root, path);
      if (symlinkTarget !== undefined) assertSafePath(this.#root, symlinkTarget);
    }
    this.#partFile = layout.partFile;
    this.#parked = new Set(layout.partFile?.parked);
    if (layout.partFile !== undefined) assertSafePath(this.#root, layout.partFile.path);
    this.#map = createStorageMap(layout.files, layout.partFile);
  }

  /** Looks for links that lead outside. */
  inspect(): Promise<void> {
    return this.#do(0, 0, () => {
      for (const { path } of this.#files) this.#disk.place(this.#root, path);
    });
  }

  async hashAndWrite(check: PieceCheck, parts: Parts): Promise<PieceVerdict> {
    assertCovers(check.lengthBytes, parts);
    const write = (limitBytes: number) => {
      const views = this.#viewsOf(check.offsetBytes, parts);
      const { verdict, bytes } = this.#process.world.contents.judge(check, views, false);
      if (bytes !== null) this.#put(check.offsetBytes, bytes.subarray(0, limitBytes));
      return verdict;
    };
    const { offsetBytes, lengthBytes } = check;
    return await this.#do(offsetBytes, lengthBytes, () => write(lengthBytes), write);
  }

  async write(offsetBytes: number, parts: Parts): Promise<void> {
    const lengthBytes = lengthOf(parts);
    const write = (limitBytes: number) => {
      let done = 0;
      for (let index = 0; index < parts.length; index += 2) {
        const [place, length] = [parts[index] as number, parts[index + 1] as number];
        const wanted = Math.min(length, limitBytes - done);
        if (place !== ON_DISK && wanted > 0) {
          const bytes = new Uint8Array(this.#memory(), place, wanted).slice();
          this.#put(offsetBytes + done, bytes);
        }
        done += length;
      }
    };
    await this.#do(offsetBytes, lengthBytes, () => write(lengthBytes), write);
  }

  async check(check: PieceCheck): Promise<PieceVerdict> {
    const { offsetBytes, lengthBytes } = check;
    return await this.#do(offsetBytes, lengthBytes, () => {
      try {
        const views = this.#readViews(offsetBytes, lengthBytes);
        return this.#process.world.contents.judge(check, views, true).verdict;
      } catch (error) {
        if (error instanceof DiskError && error.code === "missing") return judgeMissing(check);
        throw error;
      }
    });
  }

  async read({ ranges }: ReadRun): Promise<void> {
    let lengthBytes = 0;
    for (let index = 1; index < ranges.length; index += 3) lengthBytes += ranges[index] as number;
    await this.#do(ranges[0] ?? 0, lengthBytes, () => {
      for (let index = 0; index < ranges.length; index += 3) {
        const [offset, length, place] = ranges.slice(index, index + 3) as [number, number, number];
        const target = new Uint8Array(this.#memory(), place, length);
        let at = 0;
        for (const view of this.#readViews(offset, length)) {
          target.set(view, at);
          at += view.length;
        }
      }
    });
  }

  states(): Promise<readonly FileState[]> {
    return this.#do(0, 0, () => this.#states());
  }

  #states(): readonly FileState[] {
    const parts = this.#partFile === undefined ? null : this.#stateOf(this.#partFile.path);
    return this.#files.map(({ path }, index) =>
      this.#parked.has(index) ? { ...parts!, isParked: true } : this.#stateOf(path),
    );
  }

  park(fileIndices: readonly number[]): Promise<readonly number[]> {
    const partFile = this.#partFile;
    if (partFile === undefined)
      throw new RangeError("This storage was opened without a part file.");
    const leaving = [...this.#parked].filter((index) => !fileIndices.includes(index));
    const bringAll = (limitBytes: number) => {
      const nowMs = this.#process.clock.nowMs();
      const init = { root: this.#root, files: this.#files, partFile, nowMs };
      let left = limitBytes;
      for (const index of leaving) left -= bringHome(this.#disk, init, index, left);
    };
    const lengthBytes = leaving.length * partFile.pieceLengthBytes;
    const act = () => {
      bringAll(Infinity);
      for (const index of leaving) this.#find(this.#files[index]!.path)?.sync();
      const parked = fileIndices.filter((index) => this.#parked.has(index) || !this.#exists(index));
      this.#parked = new Set(parked);
      this.#map = createStorageMap(this.#files, { ...partFile, parked });
      return parked;
    };
    return this.#do(0, lengthBytes, act, bringAll);
  }

  rename(paths: ReadonlyMap<number, readonly string[]>, isResumed = false): Promise<void> {
    for (const path of paths.values()) assertSafePath(this.#root, path);
    const moves = [...paths].map(([index, path]) => {
      const places = [this.#files[index]!.path, path].map((at) =>
        this.#disk.place(this.#root, at, false),
      );
      return places as [string, string];
    });
    // A killed program has renamed some of them.
    const renameSome = (count: number) => {
      for (const [from, to] of moves.slice(0, count)) this.#disk.rename(from, to);
    };
    return this.#do(
      0,
      moves.length,
      () => {
        for (const [from, to] of moves) this.#disk.assertFree(from, to, isResumed);
        renameSome(moves.length);
        this.#files = this.#files.map((file, index) => ({
          ...file,
          path: paths.get(index) ?? file.path,
        }));
      },
      () => renameSome(this.#process.world.random.integer(moves.length + 1)),
    );
  }

  async move(root: string, options: MoveOptions): Promise<void> {
    const storage: MovableSimStorage = {
      disk: this.#disk,
      root: () => this.#root,
      setRoot: (to) => void (this.#root = to),
      paths: () =>
        [...this.#files, ...(this.#partFile === undefined ? [] : [this.#partFile])].map(
          ({ path }) => path,
        ),
      states: () => this.#states(),
      do: (lengthBytes, act) => this.#do(0, lengthBytes, act),
      hold: () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#rearranging = promise;
        return () => {
          this.#rearranging = null;
          resolve();
        };
      },
    };
    await moveSimFiles(storage, root.replace(/\/+$/, ""), options);
  }

  /** Room is counted when it is written. */
  async allocate(): Promise<boolean> {
    return false;
  }

  remove(what: "everything" | "part-file"): Promise<void> {
    return this.#do(0, 0, () => {
      for (const { path } of what === "everything" ? this.#files : [])
        this.#disk.remove(this.#disk.place(this.#root, path, false));
      if (this.#partFile === undefined) return;
      this.#disk.remove(this.#disk.place(this.#root, this.#partFile.path, false));
    });
  }

  trimPartFile(): Promise<void> {
    return this.#do(0, 0, () => {
      if (this.#partFile === undefined || this.#parked.size > 0) return;
      this.#disk.remove(this.#disk.place(this.#root, this.#partFile.path, false));
    });
  }

  #exists(fileIndex: number): boolean {
    return this.#stateOf(this.#files[fileIndex]!.path).lengthBytes !== null;
  }

  #stateOf(path: readonly string[]): FileState {
    const place = this.#disk.place(this.#root, path, false);
    const file = this.#disk.find(place);
    if (file !== undefined) {
      return { lengthBytes: file.content.lengthBytes, modifiedMs: file.modifiedMs };
    }
    const isLink = this.#disk.linkAt(place) !== null;
    return { lengthBytes: isLink ? 0 : null, modifiedMs: isLink ? 0 : null };
  }

  /** Of a file, or behind the last one of the part file. */
  #pathOf(fileIndex: number): readonly string[] | undefined {
    const isParts = fileIndex === this.#files.length;
    return (isParts ? this.#partFile : this.#files[fileIndex])?.path;
  }

  adopt(fileIndex: number, from: string): Promise<"copied" | null> {
    const { path, lengthBytes } = this.#files[fileIndex]!;
    return this.#do(0, lengthBytes, () => {
      const place = this.#disk.place(this.#root, path);
      const source = this.#disk.find(from);
      if (source?.content.lengthBytes !== lengthBytes || this.#disk.find(place) !== undefined) {
        return null;
      }
      const file = this.#disk.create(place);
      this.#disk.writeAt(place, file, 0, this.#disk.read(from)!, this.#process.clock.nowMs());
      return "copied";
    });
  }

  finish(): Promise<void> {
    return this.#do(0, 0, () => {
      const files = this.#files.filter((_, index) => !this.#parked.has(index));
      for (const { path, lengthBytes, symlinkTarget, executable } of files) {
        if (symlinkTarget === undefined) {
          const place = this.#disk.place(this.#root, path);
          const file = lengthBytes === 0 ? this.#disk.create(place) : this.#disk.find(place);
          if (executable === true && file !== undefined) file.isExecutable = true;
          continue;
        }
        const place = this.#disk.place(this.#root, path, false);
        if (this.#disk.find(place) !== undefined) {
          const text = `${place} should be a link, but something else stands there. Move it away.`;
          throw new DiskError("not-a-file", place, text);
        }
        this.#disk.link(place, [this.#root, ...symlinkTarget].join("/"));
      }
    });
  }

  sync(): Promise<void> {
    return this.#do(0, 0, () => {
      for (const { path } of this.#files) this.#find(path)?.sync();
      if (this.#partFile !== undefined) this.#find(this.#partFile.path)?.sync();
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    const last = this.#do(0, 0, () => {});
    this.#isClosed = true;
    await last;
  }

  get #disk() {
    return this.#process.machine.files;
  }

  async #do<T>(
    offsetBytes: number,
    lengthBytes: number,
    act: () => T,
    interrupt: ((lengthBytes: number) => void) | null = null,
  ): Promise<T> {
    while (this.#rearranging !== null) await this.#rearranging;
    if (this.#isClosed) {
      const text = `The files below ${this.#root} are closed. Open them again.`;
      throw new DiskError("closed", this.#root, text);
    }
    return await this.#queue.do({ offsetBytes, lengthBytes }, act, interrupt);
  }

  #find(path: readonly string[]): SimFile | undefined {
    return this.#disk.find(this.#disk.place(this.#root, path));
  }

  /** Writes into the files under a range; the bytes belong to them from now on. */
  #put(offsetBytes: number, bytes: Uint8Array): void {
    const { clock } = this.#process;
    let at = 0;
    for (const segment of this.#map.segments(offsetBytes, bytes.length)) {
      const part = bytes.subarray(at, at + segment.lengthBytes);
      at += segment.lengthBytes;
      const path = this.#pathOf(segment.fileIndex);
      if (path === undefined) continue;
      const place = this.#disk.place(this.#root, path);
      const file = this.#disk.create(place);
      this.#disk.writeAt(place, file, segment.position, part, clock.nowMs());
    }
  }

  /** A piece's bytes in order, wherever they lie. */
  #viewsOf(offsetBytes: number, parts: Parts): Uint8Array[] {
    const views: Uint8Array[] = [];
    let offset = offsetBytes;
    for (let index = 0; index < parts.length; index += 2) {
      const [place, length] = [parts[index] as number, parts[index + 1] as number];
      if (place === ON_DISK) views.push(...this.#readViews(offset, length));
      else views.push(new Uint8Array(this.#memory(), place, length));
      offset += length;
    }
    return views;
  }

  /** @throws {DiskError} `missing` when a file ends before the range does. */
  #readViews(offsetBytes: number, lengthBytes: number): Uint8Array[] {
    const views: Uint8Array[] = [];
    for (const segment of this.#map.segments(offsetBytes, lengthBytes)) {
      const path = this.#pathOf(segment.fileIndex);
      if (path === undefined) {
        pushZeros(views, segment.lengthBytes);
        continue;
      }
      const file = this.#find(path);
      const end = segment.position + segment.lengthBytes;
      if (file === undefined || file.content.lengthBytes < end) {
        const place = [this.#root, ...path].join("/");
        const text = `${place} ends before byte ${end}. Check the data again.`;
        throw new DiskError("missing", place, text);
      }
      for (const [view, length] of file.content.views(segment.position, segment.lengthBytes)) {
        if (view === null) pushZeros(views, length);
        else views.push(view);
      }
    }
    return views;
  }
}

function pushZeros(views: Uint8Array[], lengthBytes: number): void {
  for (let left = lengthBytes; left > 0; left -= ZEROS.length) {
    views.push(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
  }
}

function lengthOf(parts: Parts): number {
  let lengthBytes = 0;
  for (let index = 1; index < parts.length; index += 2) lengthBytes += parts[index] as number;
  return lengthBytes;
}

/** @throws {RangeError} when the parts are no pairs or do not add up. */
function assertCovers(lengthBytes: number, parts: Parts): void {
  if (parts.length % 2 !== 0) throw new RangeError("Parts are pairs of a place and a length.");
  const sum = lengthOf(parts);
  if (sum !== lengthBytes) {
    throw new RangeError(`The parts have ${sum} bytes, but the piece has ${lengthBytes}.`);
  }
}
