import type { DirectionLimits, LimitTree } from "../rate/limit-tree.ts";
import type { TorrentCore } from "../torrent/torrent-core.ts";
import type { CategoryOptions } from "./session.ts";
import { assertShareLimits, type ShareLimits } from "./share-limits.ts";

/** The categories of a session: what their torrents have in common. */
export class Categories {
  readonly #options = new Map<string, CategoryOptions>();
  readonly #limits: LimitTree;

  constructor(limits: LimitTree) {
    this.#limits = limits;
  }

  get names(): readonly string[] {
    return [...this.#options.keys()];
  }

  /** @param category Null for none. */
  shareLimitsOf(category: string | null): ShareLimits | undefined {
    return this.#options.get(category ?? "")?.shareLimits;
  }

  /** Makes a category, or sets it anew. @throws {RangeError} */
  set(name: string, options: CategoryOptions, cores: Iterable<TorrentCore>): void {
    const { downloadLimit, uploadLimit, shareLimits = {} } = options;
    assertShareLimits(shareLimits);
    this.#limits.setCategory(name, {
      download: downloadLimit ?? null,
      upload: uploadLimit ?? null,
    });
    this.#options.set(name, options);
    // Torrents may have named it before it was there.
    for (const core of cores) if (core.settings.category === name) core.applySettings();
  }

  /** Changes its limits of rate alone. @throws {RangeError} */
  setLimits(name: string, limits: DirectionLimits): void {
    const { downloadLimit = null, uploadLimit = null, ...options } = this.#options.get(name) ?? {};
    const { download = downloadLimit, upload = uploadLimit } = limits;
    this.#limits.setCategory(name, { download, upload });
    this.#options.set(name, { ...options, downloadLimit: download, uploadLimit: upload });
  }

  /** Removes a category; its torrents are in none then. */
  remove(name: string, cores: Iterable<TorrentCore>): void {
    if (!this.#options.delete(name)) return;
    this.#limits.removeCategory(name);
    for (const core of cores) {
      if (core.settings.category !== name) continue;
      core.settings.category = null;
      core.applySettings();
    }
  }
}
