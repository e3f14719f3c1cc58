import type { FileChoices } from "./resume.ts";
import { type FilePriority, type FilePriorityName, toFilePriority } from "./file-priority.ts";
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
  #last: Promise<void> = Promise.resolve();

  constructor(owner: FilesOwner) {
    this.#owner = owner;
  }

  /** What to remember of the user's choices. */
  choices(): FileChoices {
    const selection = this.#owner.selection();
    return selection === null || selection.isPlain ? {} : { priorities: selection.priorities };
  }

  /** See `Torrent.setFilePriority`. */
  setPriority(
    files: number | readonly number[],
    priority: FilePriority | FilePriorityName,
  ): Promise<void> {
    const level = toFilePriority(priority);
    const indices = typeof files === "number" ? [files] : files;
    return this.#inTurn(async ({ selection, transfer }) => {
      const pieces = selection.set(indices, level);
      selection.applyTo(transfer.picker, pieces);
      transfer.dropUnwanted();
      this.#owner.onSelectionChanged();
      await this.#owner.save();
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
