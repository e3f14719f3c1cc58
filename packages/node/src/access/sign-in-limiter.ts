import { sourceOf } from "@shoal/runtime";

/** Typing errors that nobody has to wait for. */
const FREE_FAILURES = 5;
const FIRST_LOCK_MS = 5_000;
const MAX_LOCK_MS = 3_600_000;
/** After so long without an attempt an address's failures are forgotten. */
const FORGET_MS = 24 * 3_600_000;

/** Of all addresses together: a crowd of them guesses no faster. */
const MOST_AT_ONCE = 50;
const REFILL_MS = 300_000;

/** Addresses that are remembered; the one that was silent longest is forgotten first. */
const MAX_SOURCES = 10_000;

interface Source {
  failures: number;
  lockedUntilMs: number;
  lastMs: number;
  /** Somebody has signed in from here: what a crowd of others does is not held against it. */
  isKnown: boolean;
}

const NEWCOMER: Readonly<Source> = { failures: 0, lockedUntilMs: 0, lastMs: 0, isKnown: false };

/**
 * How often passwords may be tried: by one address (or /64 network), a few times at once, then after pauses that
 * double up to an hour; by all together, 50 times at once and then every five minutes. An attempt counts as failed
 * from its beginning, so that many at once gain nothing.
 *
 * Times are the monotonic clock's.
 */
export class SignInLimiter {
  readonly #sources = new Map<string, Source>();
  #left = MOST_AT_ONCE;
  #refilledMs: number;

  constructor(nowMs: number) {
    this.#refilledMs = nowMs;
  }

  /** @returns 0 when the attempt may be made, and otherwise how long to wait, in milliseconds. */
  begin(address: string, nowMs: number): number {
    const name = sourceOf(address);
    const source = this.#sources.get(name) ?? { ...NEWCOMER };
    if (nowMs - source.lastMs > FORGET_MS) source.failures = 0;
    if (source.lockedUntilMs > nowMs) return source.lockedUntilMs - nowMs;
    this.#refill(nowMs);
    if (this.#left === 0 && !source.isKnown) return REFILL_MS - (nowMs - this.#refilledMs);
    if (this.#left > 0) this.#left--;
    source.failures++;
    source.lastMs = nowMs;
    const beyond = source.failures - FREE_FAILURES;
    if (beyond >= 0) {
      source.lockedUntilMs = nowMs + Math.min(MAX_LOCK_MS, FIRST_LOCK_MS * 2 ** beyond);
    }
    this.#remember(name, source);
    return 0;
  }

  /** The attempt was right. */
  succeed(address: string): void {
    this.#left = Math.min(MOST_AT_ONCE, this.#left + 1);
    const source = this.#sources.get(sourceOf(address));
    if (source !== undefined)
      Object.assign(source, { failures: 0, lockedUntilMs: 0, isKnown: true });
  }

  /** Behind all others: the map is in the order of their last attempts, of which there are only so many. */
  #remember(name: string, source: Source): void {
    this.#sources.delete(name);
    this.#sources.set(name, source);
    if (this.#sources.size > MAX_SOURCES) {
      this.#sources.delete(this.#sources.keys().next().value as string);
    }
  }

  #refill(nowMs: number): void {
    const count = Math.floor((nowMs - this.#refilledMs) / REFILL_MS);
    this.#left = Math.min(MOST_AT_ONCE, this.#left + count);
    this.#refilledMs += count * REFILL_MS;
  }
}
