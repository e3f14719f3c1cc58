import type { Clock, Log } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { LiveFile } from "../local-files/live-file.ts";
import type { LocalFiles } from "../local-files/local-files.ts";
import { DenyList } from "./deny-list.ts";

/** A million hashes have 67 MB. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;
const MAX_ENTRIES = 1_000_000;

/** The list of a file that the settings name, as the file is now. */
export class LiveDenyList {
  #list = new DenyList();
  readonly #file: LiveFile;
  /** The settings name a list, and it was never read: nothing may be served then. */
  #isMissing = false;
  #path: string | null = null;

  constructor(init: { files: LocalFiles; clock: Clock; log: Log }) {
    const { files, log } = init;
    const load = async (path: string | null): Promise<void> => {
      const list = new DenyList();
      let unreadable = 0;
      if (path !== null) {
        for await (const lines of files.lines(path, MAX_FILE_BYTES)) {
          for (const line of lines) if (list.add(line) === false) unreadable++;
          if (list.size > MAX_ENTRIES) {
            throw new NodeError("too-large", `${path} has more than ${MAX_ENTRIES} entries.`);
          }
        }
      }
      this.#list = list;
      this.#isMissing = false;
      log.info("the gateway's deny list was read", { path, entries: list.size, unreadable });
    };
    this.#file = new LiveFile({ ...init, load });
  }

  /** Null while the list that the settings name could not be read: then everything is denied. */
  get current(): DenyList | null {
    return this.#isMissing ? null : this.#list;
  }

  /** Goes by this file, or by none; answers when it is read. */
  async use(path: string | null): Promise<void> {
    if (path !== this.#path) this.#isMissing = path !== null;
    this.#path = path;
    await this.#file.use(path);
  }

  /** Reads the file again where it has changed; that is done every 10 s anyway. */
  async look(): Promise<void> {
    await this.#file.look();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
