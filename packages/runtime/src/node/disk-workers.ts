import type { WorkerLink } from "./worker-link.ts";

/** The threads of a disk. A thread is started by its first job. */
export interface DiskWorkers {
  /** Check what lies on disk: one for each core. */
  readonly hashers: readonly WorkerLink[];
  /**
   * Those of them that also take what arrives: all but one, for receiving takes a core itself. A storage
   * keeps to one of them for its writes, so that those to a file never overlap: measured, four at once
   * cost twice the CPU. What that one has hashed it writes at once, while its cache still holds it.
   */
  readonly receivers: readonly WorkerLink[];
  readonly readers: readonly WorkerLink[];
}
