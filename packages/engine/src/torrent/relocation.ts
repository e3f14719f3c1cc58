import type { Metainfo } from "@shoal/protocol";
import type { Disk, Log } from "@shoal/runtime";
import { openStorage } from "./prepare-transfer.ts";
import type { ResumeKeeper } from "./resume-keeper.ts";
import type { FileChoices, ResumeStore, SavedMove } from "./resume.ts";
import type { Transfer } from "./transfer.ts";

/** What moving needs of its torrent. */
export interface RelocationOwner {
  readonly infoHash: string;
  readonly disk: Disk;
  readonly log: Log;
  /** Null where nothing is remembered: a move that is killed is forgotten then, and nothing is lost. */
  readonly store: ResumeStore | null;
  readonly resume: ResumeKeeper | null;
  readonly signal: AbortSignal;
  readonly dir: () => string;
  /** All is in its new place, and known to be. */
  readonly onMoved: (dir: string) => void;
}

/**
 * Moves a torrent's files to another folder while it runs. What is being done is written down first; the files in
 * the old place count until all of them are in the new one, and only then they are removed.
 */
export class Relocation {
  /** Part of the move that is done, 0 to 1; null when none is under way. */
  progress: number | null = null;
  readonly #owner: RelocationOwner;

  constructor(owner: RelocationOwner) {
    this.#owner = owner;
  }

  /**
   * @param isResumed The program was killed while it did the same.
   * @throws {DiskError} and then everything is where it was, unless only the removal failed.
   */
  async move(transfer: Transfer, to: string, isResumed = false): Promise<void> {
    const { infoHash, store, resume, signal, dir, onMoved } = this.#owner;
    const from = dir();
    if (from === to) return;
    this.progress = 0;
    try {
      await store?.beginMove(infoHash, from, to);
      await transfer.storage.move(to, {
        isResumed,
        signal,
        onProgress: (part) => (this.progress = part),
        commit: async (states) => {
          await resume?.saveMoved(transfer, to, states);
          onMoved(to);
        },
      });
      await store?.finishMove(infoHash);
    } catch (error) {
      // A torrent that is closed goes on moving when it is opened again.
      if (dir() === from && !signal.aborted) await store?.forgetMove(infoHash);
      throw error;
    } finally {
      this.progress = null;
    }
  }

  /**
   * What the program was at when it ended; null where nothing is left to do. Where the files lie in the other folder
   * of the two than the torrent was added with, that one counts: its user was not told before a kill.
   */
  async find(): Promise<SavedMove | null> {
    const { infoHash, store, dir, onMoved } = this.#owner;
    const move = (await store?.loadMove(infoHash)) ?? null;
    if (move === null || (dir() !== move.from && dir() !== move.to)) return null;
    const place = move.state === "copying" ? move.from : move.to;
    // Whoever names the new folder has heard of the move.
    if (move.state === "done" && dir() === place) await store?.forgetMove(infoHash);
    if (dir() !== place) onMoved(place);
    return move.state === "done" ? null : move;
  }

  /** Carries on what was found. @param resumeMove Moves on, in turn with other changes of files. */
  finish(
    found: SavedMove,
    metainfo: Metainfo,
    choices: FileChoices,
    resumeMove: (to: string) => Promise<void>,
  ): void {
    const { infoHash, log } = this.#owner;
    const finished =
      found.state === "cleaning" ? this.#removeOld(found, metainfo, choices) : resumeMove(found.to);
    finished.catch((error: unknown) => log.warn("could not finish a move", { infoHash, error }));
  }

  /** Removes the files, or what is hidden of them. To be called when nothing uses them. @throws {DiskError} */
  async remove(
    metainfo: Metainfo,
    choices: FileChoices,
    what: "everything" | "part-file",
  ): Promise<void> {
    const { infoHash, disk, store, dir } = this.#owner;
    const storage = await openStorage({ metainfo, infoHash, dir: dir(), disk, choices });
    try {
      await storage.remove(what);
    } finally {
      await storage.close();
    }
    if (what === "everything") await store?.forget(infoHash, dir());
    await store?.forgetMove(infoHash);
  }

  async #removeOld({ from }: SavedMove, metainfo: Metainfo, choices: FileChoices): Promise<void> {
    const { infoHash, disk, store } = this.#owner;
    const old = await openStorage({ metainfo, infoHash, dir: from, disk, choices });
    try {
      await old.remove("everything");
    } finally {
      await old.close();
    }
    await store?.finishMove(infoHash);
  }
}
