import type { Settings } from "@shoal/api";
import type { Torrent } from "@shoal/engine";
import type { Log, Store } from "@shoal/runtime";
import type { Torrents } from "../torrents/torrents.ts";
import { CompletionMarks } from "./completion-marks.ts";
import type { ProgramRun, ProgramRunner } from "./program.ts";

/** Unpacking and copying a large download takes minutes. */
const TIME_LIMIT_MS = 60 * 60_000;

export interface CompletionInit {
  readonly torrents: Torrents;
  readonly settings: { readonly current: Settings };
  readonly store: Store;
  readonly programs: ProgramRunner;
  readonly log: Log;
}

/**
 * Runs the user's program when a torrent is complete: once for each torrent, over all runs, one program at a time. The
 * mark is on disk before the program starts, so that a kill at any moment never has it run twice; a completion that a kill left
 * unmarked is found at the next start. What was complete when it was added was downloaded by nobody, and runs nothing.
 */
export class CompletionHooks {
  readonly #init: CompletionInit;
  readonly #marks: CompletionMarks;
  readonly #endListening: () => void;
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(init: CompletionInit, marks: CompletionMarks) {
    this.#init = init;
    this.#marks = marks;
    this.#endListening = init.torrents.on((event) => {
      if (event.type === "torrent-complete") this.#completed(event.torrent);
      if (event.type === "torrent-removed" && !this.#isClosed) {
        this.#inTurn(() => this.#forget(event.torrent.infoHash));
      }
    });
  }

  /** Looks for completions that nobody has taken note of. @throws {StoreError} */
  static async open(init: CompletionInit): Promise<CompletionHooks> {
    const marks = await CompletionMarks.open(init.store);
    const { log, torrents } = init;
    for (const infoHash of marks.begun) {
      log.warn(
        "the daemon ended while the program of a complete torrent ran; it is not run again",
        {
          infoHash,
        },
      );
    }
    await marks.set(marks.begun, "done");
    const { session } = torrents;
    for (const infoHash of marks.marked) {
      if (session.find(infoHash) === undefined) await marks.remove(infoHash);
    }
    const complete = session.torrents.filter(isComplete);
    // An upgrade must not have every torrent of years run it.
    const before = marks.isFirst ? complete.map(({ infoHash }) => infoHash) : [];
    await marks.set(before, "done");
    await marks.begin();
    const hooks = new CompletionHooks(init, marks);
    for (const torrent of complete) hooks.#completed(torrent);
    return hooks;
  }

  /** Resolves once all that has happened so far is dealt with. */
  async settle(): Promise<void> {
    await this.#last;
  }

  /** Starts no more programs. One that runs goes on, and its end is not noted. */
  close(): void {
    this.#isClosed = true;
    this.#endListening();
  }

  #completed(torrent: Torrent): void {
    this.#inTurn(async () => {
      const { infoHash } = torrent;
      if (this.#isClosed || this.#marks.has(infoHash)) return;
      const run = wasDownloaded(torrent) ? await this.#plan(torrent) : null;
      await this.#marks.set([infoHash], run === null ? "done" : "begun");
      if (run === null) return;
      await this.#run(run, infoHash);
      if (!this.#isClosed) await this.#marks.set([infoHash], "done");
    });
  }

  async #plan(torrent: Torrent): Promise<ProgramRun | null> {
    const [program, ...rest] = this.#init.settings.current.downloads.onComplete;
    if (program === undefined || program === "") return null;
    const values = {
      name: torrent.name,
      path: (await this.#init.torrents.contentPath(torrent)) ?? torrent.dir,
      infohash: torrent.infoHash,
      category: torrent.category ?? "",
    };
    return {
      program,
      arguments: rest.map((argument) => fillIn(argument, values)),
      environment: {
        SHOAL_NAME: values.name,
        SHOAL_PATH: values.path,
        SHOAL_INFOHASH: values.infohash,
        SHOAL_CATEGORY: values.category,
        SHOAL_BYTES: String(torrent.status().wantedBytes),
      },
      timeLimitMs: TIME_LIMIT_MS,
    };
  }

  async #run(run: ProgramRun, infoHash: string): Promise<void> {
    const { log, programs } = this.#init;
    const { program } = run;
    try {
      const { exitCode, isTimedOut, output } = await programs.run(run);
      const fields = { program, infoHash, exitCode, output };
      if (isTimedOut)
        log.warn("the program of a complete torrent took too long, and was ended", fields);
      else if (exitCode === 0) log.info("the program of a complete torrent has run", fields);
      else log.warn("the program of a complete torrent has failed", fields);
    } catch (error) {
      log.error("the program of a complete torrent cannot be started", {
        program,
        infoHash,
        error,
      });
    }
  }

  /** A torrent that is added again may complete again. */
  async #forget(infoHash: string): Promise<void> {
    if (this.#init.torrents.session.find(infoHash) === undefined)
      await this.#marks.remove(infoHash);
  }

  #inTurn(work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      this.#init.log.error("a complete torrent cannot be dealt with", { error });
    });
  }
}

/**
 * Puts values in place of their names in braces. In one pass, so that a torrent called `{path}` stays what it is.
 * The values stand in arguments alone, and no shell reads those.
 */
export function fillIn(argument: string, values: Readonly<Record<string, string>>): string {
  return argument.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name]!.replaceAll("\0", "") : whole,
  );
}

function isComplete(torrent: Torrent): boolean {
  return torrent.status().totals.completedAtMs !== null;
}

function wasDownloaded(torrent: Torrent): boolean {
  return torrent.status().totals.downloadedBytes > 0;
}
