import type { Gathering } from "./gathering.ts";
import type { WorkerLink } from "./worker-link.ts";

/** The threads of a disk. A thread is started by its first job. */
export interface DiskWorkers {
  /** Check what lies on disk: one for each core. */
  readonly hashers: readonly WorkerLink[];
  /** Those of them that also hash what arrives: all but one, for receiving takes a core itself. */
  readonly receivingHashers: readonly WorkerLink[];
  /** A storage keeps to one writer, so writes to a file never overlap: measured, four at once cost twice the CPU. */
  readonly writers: readonly WorkerLink[];
  readonly readers: readonly WorkerLink[];
  /** Where small pieces wait for each other before they are hashed. */
  readonly gathering: Gathering;
}
