import type { Random } from "@shoal/runtime";
import type { Crowd, CrowdInit } from "./crowd.ts";

/** What a run came to, for people and programs: numbers with their unit in the name. */
export type Figures = Readonly<Record<string, number | readonly number[]>>;

/** A swarm in a simulated world, and what the protocol promises of it. */
export interface Scenario {
  readonly name: string;
  /** What is asserted, as a sentence. */
  readonly promise: string;
  /** How many peers a full run has, and how many the run in `npm test`. */
  readonly peers: { readonly full: number; readonly small: number };
  /** How its torrent and its lines differ from those of other scenarios. */
  readonly crowd?: CrowdInit | ((random: Random) => CrowdInit);
  /** What a turn of a line takes; 100 ms when absent: crowds need no finer. */
  readonly quantumMs?: number;
  /**
   * Plays it in a crowd that has a tracker and nobody yet. What is still open afterwards is closed.
   * @throws {AssertionError} when the promise is broken.
   */
  readonly play: (crowd: Crowd, peers: number) => Promise<Figures>;
}
