import type { SimWorld, WorldOptions } from "@shoal/runtime/sim";

/** What a run came to, for people and programs: numbers with their unit in the name. */
export type Figures = Readonly<Record<string, number | readonly number[]>>;

/** A swarm in a simulated world, and what the protocol promises of it. */
export interface Scenario {
  readonly name: string;
  /** What is asserted, as a sentence. */
  readonly promise: string;
  /** How many peers a full run has, and how many the run in `npm test`. */
  readonly peers: { readonly full: number; readonly small: number };
  /** What its world is like. */
  readonly world?: Partial<WorldOptions>;
  /**
   * Plays it.
   * @throws {AssertionError} when the promise is broken.
   */
  play(world: SimWorld, peers: number): Promise<Figures>;
}
