import type { Random } from "@shoal/runtime";

/** A small seeded generator (mulberry32), enough for tests. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }
  return {
    bytes: (length) => Uint8Array.from({ length }, () => next() * 256),
    integer: (bound) => Math.floor(next() * bound),
  };
}
