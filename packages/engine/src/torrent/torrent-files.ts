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
  /** Resolves once the files are known and checked. */
  whenReady(): Promise<void>;
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
  #last: Promise<void> = Promise.resolve();

  constructor(owner: FilesOwner) {
    this.#owner = owner;
  }

  /** What to remember of the user's choices. */
  choices(): FileChoices {
    const selection = this.#owner.selection();
    if (selection === null || selection.isPlain) return {};
    return { priorities: selection.priorities, parked: this.parked };
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

  async #inTurn(
    change: (parts: { selection: Selection; transfer: Transfer }) => Promise<void>,
  ): Promise<void> {
    const turn = this.#last.then(async () => {
      await this.#owner.whenReady();
      await change({ selection: this.#owner.selection()!, transfer: this.#owner.transfer()! });
    });
    this.#last = turn.catch(() => {});
    await turn;
  }
}
