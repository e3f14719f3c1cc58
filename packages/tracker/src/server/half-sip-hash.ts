/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein): a keyed hash that is hard to forge
 * and takes a fraction of a microsecond, where HMAC through `node:crypto` takes several. A UDP tracker
 * computes several for each datagram: to prove where it comes from, and to look up what strangers
 * choose without letting them choose what collides.
 */
export class HalfSipHash {
  readonly #keyLow: number;
  readonly #keyHigh: number;
  #high = 0;

  /** @param key 8 bytes. */
  constructor(key: Uint8Array) {
    this.#keyLow = wordAt(key, 0);
    this.#keyHigh = wordAt(key, 4);
  }

  /** The second half of what {@link hash64} computed last, unsigned. */
  get high(): number {
    return this.#high;
  }

  /** Hashes `bytes` from `start` to `end`. @returns the first half, unsigned. */
  hash32(bytes: Uint8Array, start: number, end: number): number {
    return this.#hash(bytes, start, end, 2);
  }

  /** Hashes `bytes` from `start` to `end`. @returns the first half, unsigned; {@link high} has the second. */
  hash64(bytes: Uint8Array, start: number, end: number): number {
    return this.#hash(bytes, start, end, 4);
  }

  /** @param closing Double rounds after the message: two for each half. */
  #hash(bytes: Uint8Array, start: number, end: number, closing: 2 | 4): number {
    let v0 = this.#keyLow;
    let v1 = this.#keyHigh ^ 0xee;
    let v2 = 0x6c796765 ^ this.#keyLow;
    let v3 = 0x74656462 ^ this.#keyHigh;
    const words = (end - start) >>> 2;
    let low = 0;
    // The state stays in local variables, and so the rounds are written once, for the message and for what
    // closes it: a function that changes them would keep them on the heap.
    for (let i = 0; i <= words + closing; i++) {
      let word = 0;
      if (i < words) word = wordAt(bytes, start + i * 4);
      else if (i === words) word = closingWord(bytes, start, end);
      else if (i === words + 1) v2 ^= 0xee;
      else if (i === words + 3) {
        low = v1 ^ v3;
        v1 ^= 0xdd;
      }
      v3 ^= word;
      for (let round = 0; round < 2; round++) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= word;
    }
    if (closing === 2) return (v1 ^ v3) >>> 0;
    this.#high = (v1 ^ v3) >>> 0;
    return low >>> 0;
  }
}

/** The message's length, and the bytes that make no whole word. */
function closingWord(bytes: Uint8Array, start: number, end: number): number {
  let word = (end - start) << 24;
  const rest = (end - start) & 3;
  for (let i = 0; i < rest; i++) word |= bytes[end - rest + i]! << (8 * i);
  return word;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
