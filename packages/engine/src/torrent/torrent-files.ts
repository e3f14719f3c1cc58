import type { Clock } from "@shoal/runtime";
import { streamFile, type StreamOptions } from "../streaming/stream-file.ts";
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
  /**
   * Resolves once the condition holds, which changes with events of the torrent.
   * @throws what stopped the torrent; the signal's reason.
   */
  reach(isThere: () => boolean, signal?: AbortSignal): Promise<void>;
  /** Other data is wanted than before. */
  onSelectionChanged(): void;
  /** Keeps the resume data now, in a way that outlasts a power cut. */
  save(): Promise<void>;
}

/** What users do with the files of a torrent while it runs. One change is made after the other. */
export class TorrentFiles {
  readonly #owner: FilesOwner;
  /** Files whose shared bytes lie in the part file. */
  parked: readonly number[] = [];
  isSequential = false;
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
      ...(this.isSequential ? { sequential: true } : {}),
      ...(selection.areEndsFirst ? { endsFirst: true } : {}),
    };
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
