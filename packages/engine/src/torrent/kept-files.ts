import type { TorrentServices } from "./services.ts";
import { Relocation } from "./relocation.ts";
import { ResumeKeeper } from "./resume-keeper.ts";
import type { FileChoices } from "./resume.ts";
import type { Totals } from "./totals.ts";

/** Where a torrent's files lie, and what is remembered of them. */
export class KeptFiles {
  /** Another than it was opened with, once they were moved. */
  dir: string;
  readonly infoHash: string;
  readonly resume: ResumeKeeper | null;
  readonly relocation: Relocation;
  readonly #choices: () => FileChoices;

  constructor(init: {
    infoHash: string;
    dir: string;
    services: TorrentServices;
    totals: Totals;
    choices: () => FileChoices;
    signal: AbortSignal;
    /** The files lie in another folder now. */
    onMoved: (dir: string) => void;
  }) {
    const { infoHash, dir, services, totals, choices, signal } = init;
    const { disk, log } = services.runtime;
    const store = services.resume;
    this.infoHash = infoHash;
    this.dir = dir;
    this.#choices = choices;
    this.resume =
      store === null
        ? null
        : new ResumeKeeper(store, services.clock, log, disk.bootId, this, totals);
    this.relocation = new Relocation({
      infoHash,
      disk,
      log,
      store,
      resume: this.resume,
      signal,
      dir: () => this.dir,
      onMoved: (to) => {
        this.dir = to;
        init.onMoved(to);
      },
    });
  }

  /** What to remember of the user's choices. */
  choices(): FileChoices {
    return this.#choices();
  }
}
