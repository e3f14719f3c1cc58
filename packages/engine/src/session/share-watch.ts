import type { TorrentCore } from "../torrent/torrent-core.ts";
import {
  areReachable,
  mergeShareLimits,
  reachedShareLimit,
  type ShareAction,
  type ShareLimitReason,
  type ShareLimits,
} from "./share-limits.ts";

/** How often torrents are looked at. What they share beyond a limit in the meantime is given away. */
const PERIOD_MS = 10_000;

/** Finds torrents that have shared enough. */
export class ShareWatch {
  readonly #limitsOf: (core: TorrentCore) => readonly (ShareLimits | undefined)[];
  readonly #onReached: (core: TorrentCore, reason: ShareLimitReason, action: ShareAction) => void;
  /** Who has reached one once, and is to be left alone when its user lets it go on. */
  #reached = new WeakSet<TorrentCore>();
  #lookedAtMs = -Infinity;

  constructor(init: {
    /** From the nearest to the widest. */
    limitsOf: (core: TorrentCore) => readonly (ShareLimits | undefined)[];
    onReached: (core: TorrentCore, reason: ShareLimitReason, action: ShareAction) => void;
  }) {
    this.#limitsOf = init.limitsOf;
    this.#onReached = init.onReached;
  }

  /** Called about once a second. */
  tick(cores: Iterable<TorrentCore>, nowMs: number): void {
    if (nowMs - this.#lookedAtMs < PERIOD_MS) return;
    this.#lookedAtMs = nowMs;
    for (const core of cores) {
      if (core.state === "seeding") this.#look(core);
    }
  }

  /** Limits have changed: they hold for all again. */
  reset(): void {
    this.#reached = new WeakSet();
  }

  #look(core: TorrentCore): void {
    const known = this.#limitsOf(core);
    // Where nobody sets any, ten thousand torrents are not worth a look.
    if (!areReachable(known)) return;
    const limits = mergeShareLimits(...known);
    const { totals, ratio } = core;
    const sharing = { ratio, seedingMs: totals.seedingMs, quietMs: totals.quietMs() };
    const reason = reachedShareLimit(limits, sharing);
    if (reason === null || this.#reached.has(core)) return;
    this.#reached.add(core);
    this.#onReached(core, reason, limits.action);
  }
}
