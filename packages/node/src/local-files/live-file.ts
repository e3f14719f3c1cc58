import type { Clock, Log, Timer } from "@shoal/runtime";
import type { LocalFiles } from "./local-files.ts";

/** A look at a file's time costs next to nothing, and unlike notices works on every file system. */
const LOOK_EVERY_MS = 10_000;

/** A file of the user's whose content holds for as long as it stays as it is: read again whenever it has changed. */
export class LiveFile {
  readonly #files: LocalFiles;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #load: (path: string | null) => Promise<void>;
  #path: string | null = null;
  /** Of what was read, or tried to be, last. */
  #seen: string | null = null;
  #timer: Timer | null = null;
  #last: Promise<void> = Promise.resolve();

  /** @param init.load Takes in a file's content; null where there is no such file any more to go by. */
  constructor(init: {
    files: LocalFiles;
    clock: Clock;
    log: Log;
    load: (path: string | null) => Promise<void>;
  }) {
    this.#files = init.files;
    this.#clock = init.clock;
    this.#log = init.log;
    this.#load = init.load;
  }

  /** Reads another file, or none; answers when that is done. What cannot be read is logged, and what was read before holds. */
  async use(path: string | null): Promise<void> {
    if (path === this.#path) return await this.#last;
    this.#path = path;
    this.#seen = null;
    this.#timer?.cancel();
    this.#timer = null;
    if (path === null) return await this.#inTurn(() => this.#load(null));
    this.#timer = this.#clock.setRepeating(LOOK_EVERY_MS, () => void this.look());
    await this.look();
  }

  /** Reads the file again where it has changed. */
  async look(): Promise<void> {
    const path = this.#path;
    if (path === null) return;
    await this.#inTurn(async () => {
      const stamp = await this.#files.stamp(path);
      const seen = stamp === null ? "missing" : `${stamp.lengthBytes} ${stamp.modifiedMs}`;
      if (seen === this.#seen || path !== this.#path) return;
      this.#seen = seen;
      if (stamp === null) this.#log.warn("a list that the settings name is missing", { path });
      else await this.#load(path);
    });
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#path = null;
    await this.#last;
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const path = this.#path;
    this.#last = this.#last.then(work).catch((error: unknown) => {
      this.#log.error("a list that the settings name cannot be read; what was read before holds", {
        path,
        error,
      });
    });
    await this.#last;
  }
}
