import type { LogFields } from "../ports/log.ts";
import type { ContentStore } from "./content-store.ts";
import type { EventLoop } from "./event-loop.ts";
import type { SegmentPool } from "./segment-pool.ts";
import type { SimRandom } from "./sim-random.ts";
import type { Counters, Trace } from "./trace.ts";

export interface LogRecord {
  readonly timeMs: number;
  readonly host: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly fields: LogFields;
}

/** What all hosts of one world share, beside the network between them. */
export interface World {
  readonly seed: string;
  readonly startMs: number;
  /** What a user of an access line gets at a turn. */
  readonly quantumMs: number;
  readonly loop: EventLoop;
  /** The world's own chance: losses, tears. Hosts have their own, so that one's draws do not move another's. */
  readonly random: SimRandom;
  readonly contents: ContentStore;
  readonly segments: SegmentPool;
  readonly counters: Counters;
  readonly names: Map<string, readonly string[]>;
  trace: Trace | null;
  log: ((record: LogRecord) => void) | null;
}
