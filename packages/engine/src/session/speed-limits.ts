import type { Clock } from "@shoal/runtime";
import type { DirectionLimits, LimitTree } from "../rate/limit-tree.ts";
import { assertSchedule, limitsAt, type SpeedSchedule } from "./speed-schedule.ts";

/** The limits of a session as a whole: the usual ones, and those that a schedule sets for a while. */
export class SpeedLimits {
  readonly #tree: LimitTree;
  readonly #clock: Clock;
  #usual: Required<DirectionLimits>;
  #schedule: SpeedSchedule | null = null;

  /** @throws {RangeError} for a schedule that is none. */
  constructor(
    tree: LimitTree,
    clock: Clock,
    usual: Required<DirectionLimits>,
    schedule: SpeedSchedule | null,
  ) {
    this.#tree = tree;
    this.#clock = clock;
    this.#usual = usual;
    this.setSchedule(schedule);
  }

  setLimits({ download, upload }: DirectionLimits): void {
    // The tree refuses what is no limit.
    this.#tree.setLimits({ download: download ?? null, upload: upload ?? null });
    if (download !== undefined) this.#usual = { ...this.#usual, download };
    if (upload !== undefined) this.#usual = { ...this.#usual, upload };
    this.tick();
  }

  setSchedule(schedule: SpeedSchedule | null): void {
    if (schedule !== null) assertSchedule(schedule);
    this.#schedule = schedule;
    this.tick();
  }

  /** Called about once a second. */
  tick(): void {
    const { download, upload } = this.#usual;
    const other = this.#schedule === null ? null : limitsAt(this.#schedule, this.#clock.nowMs());
    this.#tree.setLimits({
      download: other?.download === undefined ? download : other.download,
      upload: other?.upload === undefined ? upload : other.upload,
    });
  }
}
