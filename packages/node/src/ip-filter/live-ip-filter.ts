import type { Clock, Log } from "@shoal/runtime";
import { LiveFile } from "../local-files/live-file.ts";
import type { LocalFiles } from "../local-files/local-files.ts";
import { NO_RANGES } from "./address-ranges.ts";
import { IpFilter } from "./ip-filter.ts";
import { loadIpFilter } from "./load-ip-filter.ts";

/** The addresses of a file that the settings name, as the file is now. */
export class LiveIpFilter {
  /** For `SessionOptions.addressFilter`. */
  readonly filter = new IpFilter();
  readonly #file: LiveFile;

  constructor(init: { files: LocalFiles; clock: Clock; log: Log }) {
    const { files, log } = init;
    const load = async (path: string | null): Promise<void> => {
      const loaded = path === null ? null : await loadIpFilter(files, path);
      this.filter.replace(loaded?.ranges ?? NO_RANGES);
      const { count: ranges, memoryBytes } = this.filter;
      const unreadable = loaded?.unreadable ?? 0;
      log.info("the address filter was read", { path, ranges, memoryBytes, unreadable });
    };
    this.#file = new LiveFile({ ...init, load });
  }

  /** Goes by this file, or by none. Answers when it is read: a session that opens then speaks to nobody in it. */
  async use(path: string | null): Promise<void> {
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
