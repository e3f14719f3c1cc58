import type { Random } from "@shoal/runtime";

/** Repeatable chance for tests that need no world: a xorshift32 generator. */
export class TestRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.integer(256));
  }

  integer(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }
}
