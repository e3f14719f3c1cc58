import type { Clock } from "@shoal/runtime";
import type { TorrentCore } from "../torrent/torrent-core.ts";
import { measurePulse } from "./measure-pulse.ts";

/** Removed torrents that are remembered. */
const MAX_REMOVED = 10_000;
/** Revisions in a millisecond, so that those of a later run are higher than all of this one. */
const PER_MS = 1024;

/** What has changed among a session's torrents. @typeParam Torrent As whoever asks knows them. */
export interface Changes<Torrent> {
  /** To be given when it is asked the next time. */
  readonly revision: number;
  /** The revision that was given is of an earlier run, or too old: `changed` are all torrents that there are. */
  readonly isWhole: boolean;
  /** In order of the queue. */
  readonly changed: readonly Torrent[];
  /** Infohashes of those that are gone, and have not come back. */
  readonly removed: readonly string[];
}

/**
 * When what is told of each torrent changed last, as numbers that only grow. Torrents that sleep change when something
 * happens to them, and say so; those that are awake are compared with how they were when somebody asked before. So it
 * costs nothing while nobody asks, and a fraction of a millisecond for ten thousand torrents that sleep.
 */
export class TorrentChanges {
  readonly #first: number;
  #last: number;
  readonly #changedAt = new Map<TorrentCore, number>();
  readonly #pulses = new WeakMap<TorrentCore, readonly number[]>();
  readonly #removed: { readonly infoHash: string; readonly revision: number }[] = [];
  /** What was removed up to here is not remembered any more. */
  #forgotten: number;

  constructor(clock: Clock) {
    this.#first = Math.floor(clock.nowMs()) * PER_MS;
    this.#last = this.#forgotten = this.#first;
  }

  add(core: TorrentCore): void {
    this.#changedAt.set(core, ++this.#last);
  }

  /** Something of it is another than before. */
  touch(core: TorrentCore): void {
    if (this.#changedAt.has(core)) this.#changedAt.set(core, ++this.#last);
  }

  remove(core: TorrentCore): void {
    if (!this.#changedAt.delete(core)) return;
    this.#removed.push({ infoHash: core.infoHash, revision: ++this.#last });
    if (this.#removed.length > MAX_REMOVED) this.#forgotten = this.#removed.shift()!.revision;
  }

  /**
   * @param revision That of an earlier answer; anything else asks for all.
   * @param cores All, in order of the queue.
   * @param awake Those that have to be looked at.
   */
  since(
    revision: number,
    cores: readonly TorrentCore[],
    awake: Iterable<TorrentCore>,
  ): Changes<TorrentCore> {
    for (const core of awake) this.#look(core);
    const isWhole = !(revision >= this.#forgotten && revision <= this.#last);
    const isNews = (core: TorrentCore): boolean => this.#changedAt.get(core)! > revision;
    return {
      revision: this.#last,
      isWhole,
      changed: isWhole ? cores : this.#last === revision ? [] : cores.filter(isNews),
      removed: isWhole ? [] : this.#removedSince(revision),
    };
  }

  #removedSince(revision: number): string[] {
    const first = this.#removed.findLastIndex((each) => each.revision <= revision) + 1;
    if (first === this.#removed.length) return [];
    const present = new Set([...this.#changedAt.keys()].map(({ infoHash }) => infoHash));
    const gone = this.#removed.slice(first).map(({ infoHash }) => infoHash);
    return [...new Set(gone)].filter((infoHash) => !present.has(infoHash));
  }

  #look(core: TorrentCore): void {
    const before = this.#pulses.get(core);
    const now = measurePulse(core);
    if (before !== undefined && now.every((figure, index) => figure === before[index])) return;
    this.#pulses.set(core, now);
    this.touch(core);
  }
}
