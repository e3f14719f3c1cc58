import type { Machine } from "./machine.ts";
import type { SimProcess } from "./sim-process.ts";
import { tornLength } from "./sim-file.ts";

interface Operation {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Carries out a write up to that many bytes; null for what changes nothing. */
  readonly interrupt: ((lengthBytes: number) => void) | null;
}

/** A host's disk does one thing after the other: a seek, then the bytes. */
export class DiskQueue {
  readonly #process: SimProcess;
  readonly #machine: Machine;
  readonly #underWay = new Set<Operation>();
  #busyUntilMs = 0;

  constructor(process: SimProcess) {
    this.#process = process;
    this.#machine = process.machine;
    process.held.add(this);
  }

  /**
   * Carries out `act` when its turn is over; answers what it answers.
   * @param interrupt what a killed program leaves of it, see {@link Operation}.
   */
  do<T>(
    range: { readonly offsetBytes: number; readonly lengthBytes: number },
    act: () => T,
    interrupt: ((lengthBytes: number) => void) | null = null,
  ): Promise<T> {
    const { loop } = this.#process.world;
    const { diskSeekMs = 0, diskBytesPerSecond = Infinity } = this.#machine.options;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (!this.#process.isAlive) return promise;
    const operation = { ...range, interrupt };
    this.#underWay.add(operation);
    const startMs = Math.max(this.#busyUntilMs, loop.nowMs);
    this.#busyUntilMs = startMs + diskSeekMs + (range.lengthBytes / diskBytesPerSecond) * 1000;
    this.#process.later(this.#busyUntilMs - loop.nowMs, () => {
      this.#underWay.delete(operation);
      this.#process.trace("disk", range.lengthBytes);
      try {
        resolve(act());
      } catch (error) {
        reject(error);
      }
    });
    return promise;
  }

  release(): void {}

  kill(): void {
    for (const { offsetBytes, lengthBytes, interrupt } of this.#underWay) {
      interrupt?.(tornLength(this.#process.world.random, offsetBytes, lengthBytes));
    }
    this.#underWay.clear();
  }
}
