/** What a processor's cache still holds: more only makes hashing and writing slower. */
const CACHED_BYTES = 8 * 1024 * 1024;
/** One piece is checked while the next arrives, however long pieces are. */
const LEAST_PIECES = 2;

/**
 * Complete pieces that wait to be hashed and written. While they are more than is good, no blocks are
 * asked for: then what was asked for still fits the pool, and no socket has to pause.
 */
export class Backlog {
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(pieceLengthBytes: number) {
    this.#mostBytes = Math.max(CACHED_BYTES, LEAST_PIECES * pieceLengthBytes);
  }

  get isFull(): boolean {
    return this.#bytes >= this.#mostBytes;
  }

  add(lengthBytes: number): void {
    this.#bytes += lengthBytes;
  }

  /** @returns Whether it was full, and is no more. */
  remove(lengthBytes: number): boolean {
    const wasFull = this.isFull;
    this.#bytes -= lengthBytes;
    return wasFull && !this.isFull;
  }
}
