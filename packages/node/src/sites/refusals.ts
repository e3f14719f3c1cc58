import type { Clock } from "@shoal/runtime";

/** In a row, without a yes among them: whoever asks on does not want an answer, but that yes. */
export const MAX_REFUSALS = 8;
/** Too long for whoever hopes for a slip, short for a user who has changed his mind. */
const PAUSE_MS = 60_000;
/** Origins that are remembered; the one that was refused longest ago is forgotten. */
const MAX_ORIGINS = 1000;

interface Refused {
  readonly count: number;
  readonly lastMs: number;
}

/** Counts how often a site was refused, so that it cannot wear its user out. */
export class Refusals {
  readonly #clock: Clock;
  readonly #refused = new Map<string, Refused>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(origin: string, isAllowed: boolean): void {
    const count = (this.#refused.get(origin)?.count ?? 0) + 1;
    this.#refused.delete(origin);
    if (isAllowed) return;
    this.#refused.set(origin, { count, lastMs: this.#clock.monotonicMs() });
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MAX_ORIGINS && oldest !== undefined) this.#refused.delete(oldest);
  }

  /** Whether a site has to be quiet for a while. Each further refusal begins the pause anew. */
  isPaused(origin: string): boolean {
    const { count = 0, lastMs = 0 } = this.#refused.get(origin) ?? {};
    return count >= MAX_REFUSALS && this.#clock.monotonicMs() - lastMs < PAUSE_MS;
  }
}
