import type { TorrentCore } from "../torrent/torrent-core.ts";
import {
  countWanted,
  isUnlimited,
  planQueue,
  type Queued,
  type QueueLimits,
  type WantedPlaces,
} from "./plan-queue.ts";

/** Slowness changes without anybody saying so. */
const REPLAN_MS = 5000;

/** Where to move a torrent: a step, an end, or a place counted from 0. */
export type QueueMove = "up" | "down" | "top" | "bottom" | number;

/** The torrents of a session in the order in which they get to run. */
export class TorrentQueue {
  #limits: QueueLimits;
  /** By `order`, from low to high. */
  readonly #cores: TorrentCore[] = [];
  #isReplanning = false;
  #replannedAtMs = -Infinity;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get limits(): QueueLimits {
    return this.#limits;
  }

  setLimits(limits: QueueLimits): void {
    this.#limits = { ...this.#limits, ...limits };
    this.#replan();
  }

  get cores(): readonly TorrentCore[] {
    return this.#cores;
  }

  get wanted(): WantedPlaces {
    return countWanted(this.#cores.map(toQueued), this.#limits);
  }

  /** Adds a torrent: where its `order` says, or behind all others when that is 0. */
  add(core: TorrentCore): void {
    const last = this.#cores.at(-1)?.order ?? 0;
    if (core.order <= 0) core.order = last + 1;
    this.#cores.push(core);
    if (core.order < last) this.#cores.sort((a, b) => a.order - b.order);
  }

  /** Lets a new torrent run if there is room. */
  start(core: TorrentCore): void {
    if (isUnlimited(this.#limits)) this.changed(core);
    else this.#replan();
  }

  /** Torrents of an earlier run are back, and others are not yet: they run where nobody has to wait for anybody. */
  startEarly(cores: readonly TorrentCore[]): void {
    if (isUnlimited(this.#limits)) for (const core of cores) this.changed(core);
  }

  /** Lets all run for which there is room. */
  startAll(): void {
    this.#replan();
  }

  remove(core: TorrentCore): void {
    const index = this.#cores.indexOf(core);
    if (index < 0) return;
    this.#cores.splice(index, 1);
    this.changed(core);
  }

  /**
   * Moves a torrent.
   * @returns Those whose `order` is another than before.
   * @throws {RangeError} for a place that is no whole number of 0 or more.
   */
  move(core: TorrentCore, to: QueueMove): TorrentCore[] {
    const from = this.#cores.indexOf(core);
    const last = this.#cores.length - 1;
    const places = { up: from - 1, down: from + 1, top: 0, bottom: last };
    const wanted = typeof to === "number" ? to : places[to];
    if (typeof to === "number" && (!Number.isInteger(to) || to < 0)) {
      throw new RangeError(`Expected a place in the queue of 0 or more, got ${to}.`);
    }
    const place = Math.min(Math.max(wanted, 0), last);
    if (from < 0 || place === from) return [];
    // The orders stay where they are, and the torrents between move by one.
    const [first, end] = [Math.min(from, place), Math.max(from, place) + 1];
    const orders = this.#cores.slice(first, end).map(({ order }) => order);
    this.#cores.splice(from, 1);
    this.#cores.splice(place, 0, core);
    const moved = this.#cores.slice(first, end);
    moved.forEach((each, index) => (each.order = orders[index]!));
    this.#replan();
    return moved;
  }

  /** Something has changed that decides who runs. With limits it is drawn from at the end of this turn. */
  changed(core: TorrentCore): void {
    if (isUnlimited(this.#limits)) {
      if (core.isWanted && !core.isAdmitted) core.admit(true);
    } else if (!this.#isReplanning) {
      this.#isReplanning = true;
      queueMicrotask(() => {
        this.#isReplanning = false;
        this.#replan();
      });
    }
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    if (isUnlimited(this.#limits) || nowMs - this.#replannedAtMs < REPLAN_MS) return;
    this.#replannedAtMs = nowMs;
    this.#replan();
  }

  /** Lets run who may. Those that have to stop do so first. */
  #replan(): void {
    const cores = [...this.#cores];
    const runs = planQueue(cores.map(toQueued), this.#limits);
    const isUnbound = isUnlimited(this.#limits);
    cores.forEach((core, index) => {
      // Without limits there is nothing to wait for: who is not wanted keeps its leave to run.
      if (core.isAdmitted && runs[index] !== true && !isUnbound) core.admit(false);
    });
    cores.forEach((core, index) => {
      if (!core.isAdmitted && runs[index] === true) core.admit(true);
    });
  }
}

function toQueued({ isWanted, isComplete, isSlow, settings }: TorrentCore): Queued {
  return { isWanted, isManaged: settings.autoManaged, isSeed: isComplete, isSlow };
}
