/** A full bucket holds what flows in so long: enough for one late timer. */
const BURST_MS = 250;
/** But one block, so that a slow limit does not cut every message in crumbs. */
const MIN_BURST_BYTES = 16_384;
/** Nobody is woken for less. */
export const MIN_SHARE_BYTES = 1024;
/**
 * Nor before so much has flowed in. Each wake-up costs as much as sending some dozens of blocks: ten
 * a second take a third of the processor time of fifty.
 */
export const WAKE_MS = 100;

/**
 * Bytes that flow in at a limited rate, up to a burst: 250 ms' worth, 16 KiB at least. Over any time
 * `t` no more flows out than the limit x `t` and one burst.
 */
export class TokenBucket {
  /** Null: no limit. */
  limit: number | null = null;
  /** How many waiters cannot go on because of this bucket. */
  blocked = 0;
  /** Weight of the waiters under this bucket that have not had their turn in this round. */
  remaining = 0;
  /** Of the waiter itself: bytes towards its next turn; below 0 when it had one too early. */
  saved = 0;
  /** What the waiter whose turn it is may take; undefined outside turns. */
  share: number | undefined;
  /** All bytes that were spent under a limit. */
  passedBytes = 0;
  #tokens = 0;
  #burst = 0;
  #filledAtMs = 0;

  setLimit(limit: number | null, nowMs: number): void {
    this.#fill(nowMs);
    const wasUnlimited = this.limit === null;
    this.limit = limit;
    this.#burst = limit ? Math.max((limit * BURST_MS) / 1000, MIN_BURST_BYTES) : 0;
    this.#tokens = wasUnlimited ? this.#burst : Math.min(this.#tokens, this.#burst);
  }

  /** Whole bytes that may be taken now: by whom it is the turn, else only if nobody waits for them. */
  available(nowMs: number): number {
    if (this.limit === null) return Infinity;
    if (this.share === undefined && this.blocked > 0) return 0;
    this.#fill(nowMs);
    return Math.floor(Math.min(this.#tokens, this.share ?? Infinity));
  }

  spend(bytes: number): void {
    if (this.limit === null) return;
    this.#tokens -= bytes;
    this.passedBytes += bytes;
    if (this.share !== undefined) this.share -= bytes;
  }

  hasShare(nowMs: number): boolean {
    if (this.limit === null) return true;
    this.#fill(nowMs);
    return this.#tokens >= MIN_SHARE_BYTES;
  }

  /** What somebody of this weight has of what there is, among those who have not had their turn. */
  shareOf(weight: number, nowMs: number): number {
    if (this.limit === null) return Infinity;
    this.#fill(nowMs);
    // Sums of fractions that were taken away again may end beside the last one.
    return weight === 0 ? 0 : this.#tokens * Math.min(1, weight / this.remaining);
  }

  /** Begins a turn. @param weight 0 for one beside the others. */
  openShare(weight: number): void {
    const part = weight === 0 ? 0 : Math.min(1, weight / this.remaining);
    this.share = Math.max(this.#tokens * part, MIN_SHARE_BYTES);
  }

  /** More waits in it than those whose turn it was could take before it flows over. */
  isAmple(nowMs: number): boolean {
    if (this.limit === null) return true;
    this.#fill(nowMs);
    return this.#tokens >= this.#burst / 2;
  }

  /** How long until waking somebody is worth while. */
  delayMs(nowMs: number): number {
    if (this.limit === null) return 0;
    this.#fill(nowMs);
    const missing = Math.max(MIN_SHARE_BYTES, (this.limit * WAKE_MS) / 1000) - this.#tokens;
    // At limit 0 this is Infinity.
    return missing <= 0 ? 0 : Math.ceil((missing * 1000) / this.limit);
  }

  #fill(nowMs: number): void {
    const gained = ((nowMs - this.#filledAtMs) * (this.limit ?? 0)) / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAtMs = nowMs;
  }
}
