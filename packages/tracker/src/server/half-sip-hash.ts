/**
 * HalfSipHash-2-4 with 64 bits of output over whole 32-bit words (Aumasson and Bernstein): a keyed
 * hash that is hard to forge and takes a fraction of a microsecond, where HMAC through `node:crypto`
 * takes several. A UDP tracker computes one or two for each datagram.
 * @param words Little-endian words of the message.
 * @param out Takes the low and then the high half.
 */
export function halfSipHash(
  keyLow: number,
  keyHigh: number,
  words: Uint32Array,
  out: Uint32Array,
): void {
  let v0 = keyLow | 0;
  let v1 = keyHigh ^ 0xee;
  let v2 = 0x6c796765 ^ keyLow;
  let v3 = 0x74656462 ^ keyHigh;
  // The closing block carries the length in bytes; its other bytes hold a rest that is no whole word.
  const lengthBlock = (words.length * 4) << 24;
  for (let i = 0; i <= words.length; i++) {
    const word = i < words.length ? words[i]! | 0 : lengthBlock;
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  v2 ^= 0xee;
  rounds(4);
  out[0] = v1 ^ v3;
  v1 ^= 0xdd;
  rounds(4);
  out[1] = v1 ^ v3;

  function rounds(count: number): void {
    for (let i = 0; i < count; i++) {
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
  }
}
