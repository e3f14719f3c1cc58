import type { Clock } from "@shoal/runtime";
import { streamFile, type StreamOptions } from "../streaming/stream-file.ts";
import { findCollision, type FileNameRules, safePath } from "@shoal/protocol";
import { TorrentError } from "../errors.ts";
import type { FileNames } from "./layout.ts";
import type { Allocation } from "./options.ts";
import type { FileStatus } from "./status.ts";
import type { FileChoices } from "./resume.ts";
import {
  FILE_PRIORITIES,
  type FilePriority,
  type FilePriorityName,
  toFilePriority,
} from "./file-priority.ts";
import type { Selection } from "./selection.ts";
import type { Transfer } from "./transfer.ts";

/** What {@link TorrentFiles} needs of its torrent. */
export interface FilesOwner {
  selection(): Selection | null;
  transfer(): Transfer | null;
  readonly clock: Clock;
  readonly fileNames: FileNameRules;
  readonly allocation: Allocation;
  /**
   * Resolves once the condition holds, which changes with events of the torrent.
   * @throws what stopped the torrent; the signal's reason.
   */
  reach(isThere: () => boolean, signal?: AbortSignal): Promise<void>;
  /** Other data is wanted than before. */
  onSelectionChanged(): void;
  relocate(transfer: Transfer, dir: string, isResumed: boolean): Promise<void>;
  /** Keeps the resume data now, in a way that outlasts a power cut. */
  save(): Promise<void>;
}

/** What users do with the files of a torrent while it runs. One change is made after the other. */
export class TorrentFiles {
  readonly #owner: FilesOwner;
  /** Files whose shared bytes lie in the part file. */
  parked: readonly number[] = [];
  /** Paths that the user gave files. */
  names: FileNames = new Map();
  isSequential = false;
  #renaming: FileNames = new Map();
  #last: Promise<void> = Promise.resolve();

  constructor(owner: FilesOwner) {
    this.#owner = owner;
  }

  /** What to remember of the user's choices. */
  choices(): FileChoices {
    const selection = this.#owner.selection();
    if (selection === null) return {};
    return {
      ...(selection.isPlain ? {} : { priorities: selection.priorities, parked: this.parked }),
      ...(this.names.size === 0 ? {} : { names: [...this.names] }),
      ...(this.#renaming.size === 0 ? {} : { renaming: [...this.#renaming] }),
      ...(this.isSequential ? { sequential: true } : {}),
      ...(selection.areEndsFirst ? { endsFirst: true } : {}),
    };
  }

  /** Every file as it is now; none while the metadata is missing. */
  list(): readonly FileStatus[] {
    const files = this.#owner.selection()?.files ?? [];
    if (this.names.size === 0) return files;
    return files.map((file, index) => ({ ...file, path: this.names.get(index) ?? file.path }));
  }

  /** See `Torrent.setFilePriority`. */
  setPriority(
    files: number | readonly number[],
    priority: FilePriority | FilePriorityName,
  ): Promise<void> {
    const level = toFilePriority(priority);
    const indices = typeof files === "number" ? [files] : files;
    return this.#inTurn(async ({ selection, transfer }) => {
      // What comes home must be there before its file counts as wanted.
      if (level > FILE_PRIORITIES.skip) {
        const skipped = selection.skipped.filter((index) => !indices.includes(index));
        this.parked = await transfer.storage.park(skipped);
        if (this.#owner.allocation === "preallocate") await transfer.storage.allocate(indices);
      }
      const pieces = selection.set(indices, level);
      selection.applyTo(transfer.picker, pieces);
      transfer.dropUnwanted();
      this.#owner.onSelectionChanged();
      if (level === FILE_PRIORITIES.skip) {
        await transfer.settle();
        this.parked = await transfer.storage.park(selection.skipped);
      }
      await this.#owner.save();
      // Only now that no record speaks of it.
      await transfer.storage.trimPartFile();
    });
  }

  /** See `Torrent.renameFile`. */
  rename(fileIndex: number, path: string): Promise<void> {
    return this.#inTurn(async ({ transfer }) => {
      if (this.list()[fileIndex] === undefined)
        throw new RangeError(`There is no file ${fileIndex}.`);
      await this.#rename(transfer, new Map([[fileIndex, this.#toPath(path)]]));
    });
  }

  /** See `Torrent.renameFolder`. */
  renameFolder(from: string, to: string): Promise<void> {
    return this.#inTurn(async ({ transfer }) => {
      const [old, path] = [from.split("/"), this.#toPath(to)];
      const renaming = new Map<number, readonly string[]>();
      this.list().forEach((file, index) => {
        const isWithin =
          file.path.length > old.length && old.every((part, at) => part === file.path[at]);
        if (isWithin) renaming.set(index, [...path, ...file.path.slice(old.length)]);
      });
      if (renaming.size === 0) throw new RangeError(`No file of the torrent lies below ${from}.`);
      await this.#rename(transfer, renaming);
    });
  }

  #toPath(path: string): string[] {
    return safePath(path.split("/"), this.#owner.fileNames);
  }

  async #rename({ storage }: Transfer, renaming: FileNames): Promise<void> {
    const others = this.list().flatMap(({ path }, index) => (renaming.has(index) ? [] : [path]));
    for (const path of renaming.values()) {
      const other = findCollision(path, others);
      if (other === undefined) continue;
      const text = `the torrent has ${other.join("/")} already, where ${path.join("/")} should be`;
      throw new TorrentError("name-taken", text);
    }
    // Whoever is killed from here on finds the files by either name.
    this.#renaming = renaming;
    await this.#owner.save();
    try {
      await storage.rename(renaming);
      this.names = new Map([...this.names, ...renaming]);
    } finally {
      this.#renaming = new Map();
      await this.#owner.save();
    }
  }

  /** See `Torrent.move`. */
  move(dir: string): Promise<void> {
    return this.#inTurn(({ transfer }) => this.#owner.relocate(transfer, dir, false));
  }

  /** Carries on what a kill has interrupted. */
  resumeMove(dir: string): Promise<void> {
    return this.#inTurn(({ transfer }) => this.#owner.relocate(transfer, dir, true));
  }

  /** See `Torrent.stream`. */
  async *stream(fileIndex: number, options: StreamOptions): AsyncGenerator<Uint8Array, void, void> {
    const { clock } = this.#owner;
    const { signal } = options;
    const reach = (isThere: () => boolean) => this.#owner.reach(isThere, signal);
    await reach(() => this.#owner.transfer() !== null);
    const isWanted = this.#owner.selection()!.isWanted(fileIndex);
    if (!isWanted) await this.setPriority(fileIndex, "normal");
    const transfer = this.#owner.transfer()!;
    yield* streamFile({ transfer, fileIndex, options, clock, reach });
  }

  /** See `Torrent.setSequential`. */
  setSequential(isOn: boolean): Promise<void> {
    return this.#inTurn(async ({ transfer }) => {
      this.isSequential = isOn;
      transfer.picker.setSequential(isOn);
      await this.#owner.save();
    });
  }

  /** See `Torrent.setEndsFirst`. */
  setEndsFirst(isOn: boolean): Promise<void> {
    return this.#inTurn(async ({ selection, transfer }) => {
      selection.setEndsFirst(isOn);
      selection.applyTo(transfer.picker, selection.allPieces);
      await this.#owner.save();
    });
  }

  async #inTurn(
    change: (parts: { selection: Selection; transfer: Transfer }) => Promise<void>,
  ): Promise<void> {
    const turn = this.#last.then(async () => {
      await this.#owner.reach(() => this.#owner.transfer() !== null);
      await change({ selection: this.#owner.selection()!, transfer: this.#owner.transfer()! });
    });
    this.#last = turn.catch(() => {});
    await turn;
  }
}
