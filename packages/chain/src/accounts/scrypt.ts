import { pbkdf2Sync, scrypt as nodeScrypt, type ScryptOptions } from "node:crypto";
import { promisify } from "node:util";

/** N a power of two, r the block size in 128 bytes, p how often. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/**
 * Derives a key from a password, off the main thread.
 *
 * RFC 7914 wants `n < 2^(16 r)`, and OpenSSL insists; but Web3 Secret Storage's own vector has n = 2^18 and r = 1, and
 * so has many an old key file. Such parameters are computed here, on the main thread.
 * @see RFC 7914
 */
export async function deriveByScrypt(
  password: string,
  salt: Uint8Array,
  cost: ScryptCost,
  lengthBytes: number,
): Promise<Uint8Array> {
  const { n, r, p } = cost;
  if (Math.log2(n) >= 16 * r) return scryptBeyondRfc(password, salt, cost, lengthBytes);
  const options: ScryptOptions = { N: n, r, p, maxmem: 128 * r * (n + p + 2) + 2 ** 20 };
  const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(nodeScrypt);
  return await derive(password, salt, lengthBytes, options);
}

function scryptBeyondRfc(
  password: string,
  salt: Uint8Array,
  { n, r, p }: ScryptCost,
  lengthBytes: number,
): Uint8Array {
  const blocks = pbkdf2Sync(password, salt, 1, p * 128 * r, "sha256");
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.length);
  const words = new Int32Array(32 * r);
  const kept = new Int32Array(32 * r * n);
  for (let part = 0; part < p; part++) {
    const from = part * 128 * r;
    for (let at = 0; at < words.length; at++) words[at] = view.getInt32(from + 4 * at, true);
    mixMemory(words, kept, n);
    for (let at = 0; at < words.length; at++) view.setInt32(from + 4 * at, words[at]!, true);
  }
  return pbkdf2Sync(password, blocks, 1, lengthBytes, "sha256");
}

/** `scryptROMix`: every block depends on one that was kept at a place that only the block before tells. */
function mixMemory(words: Int32Array, kept: Int32Array, n: number): void {
  const size = words.length;
  const scratch = new Int32Array(size);
  const x = new Int32Array(16);
  for (let step = 0; step < n; step++) {
    for (let at = 0; at < size; at++) kept[step * size + at] = words[at]!;
    mixBlock(words, scratch, x);
  }
  for (let step = 0; step < n; step++) {
    const from = (words[size - 16]! & (n - 1)) * size;
    for (let at = 0; at < size; at++) words[at] = words[at]! ^ kept[from + at]!;
    mixBlock(words, scratch, x);
  }
}

/** `scryptBlockMix`: 64 bytes at a time through Salsa20/8, even ones first. */
function mixBlock(words: Int32Array, scratch: Int32Array, x: Int32Array): void {
  const count = words.length / 16;
  for (let at = 0; at < 16; at++) x[at] = words[words.length - 16 + at]!;
  for (let block = 0; block < count; block++) {
    for (let at = 0; at < 16; at++) x[at] = x[at]! ^ words[16 * block + at]!;
    salsa8(x);
    const to = 16 * (block % 2 === 0 ? block / 2 : (count + block - 1) / 2);
    for (let at = 0; at < 16; at++) scratch[to + at] = x[at]!;
  }
  for (let at = 0; at < words.length; at++) words[at] = scratch[at]!;
}

/** Salsa20/8 in place. Sixteen variables instead of an array: several times as fast. */
function salsa8(block: Int32Array): void {
  let x0 = block[0]!;
  let x1 = block[1]!;
  let x2 = block[2]!;
  let x3 = block[3]!;
  let x4 = block[4]!;
  let x5 = block[5]!;
  let x6 = block[6]!;
  let x7 = block[7]!;
  let x8 = block[8]!;
  let x9 = block[9]!;
  let x10 = block[10]!;
  let x11 = block[11]!;
  let x12 = block[12]!;
  let x13 = block[13]!;
  let x14 = block[14]!;
  let x15 = block[15]!;
  for (let round = 0; round < 8; round += 2) {
    x4 ^= rotate((x0 + x12) | 0, 7);
    x8 ^= rotate((x4 + x0) | 0, 9);
    x12 ^= rotate((x8 + x4) | 0, 13);
    x0 ^= rotate((x12 + x8) | 0, 18);
    x9 ^= rotate((x5 + x1) | 0, 7);
    x13 ^= rotate((x9 + x5) | 0, 9);
    x1 ^= rotate((x13 + x9) | 0, 13);
    x5 ^= rotate((x1 + x13) | 0, 18);
    x14 ^= rotate((x10 + x6) | 0, 7);
    x2 ^= rotate((x14 + x10) | 0, 9);
    x6 ^= rotate((x2 + x14) | 0, 13);
    x10 ^= rotate((x6 + x2) | 0, 18);
    x3 ^= rotate((x15 + x11) | 0, 7);
    x7 ^= rotate((x3 + x15) | 0, 9);
    x11 ^= rotate((x7 + x3) | 0, 13);
    x15 ^= rotate((x11 + x7) | 0, 18);
    x1 ^= rotate((x0 + x3) | 0, 7);
    x2 ^= rotate((x1 + x0) | 0, 9);
    x3 ^= rotate((x2 + x1) | 0, 13);
    x0 ^= rotate((x3 + x2) | 0, 18);
    x6 ^= rotate((x5 + x4) | 0, 7);
    x7 ^= rotate((x6 + x5) | 0, 9);
    x4 ^= rotate((x7 + x6) | 0, 13);
    x5 ^= rotate((x4 + x7) | 0, 18);
    x11 ^= rotate((x10 + x9) | 0, 7);
    x8 ^= rotate((x11 + x10) | 0, 9);
    x9 ^= rotate((x8 + x11) | 0, 13);
    x10 ^= rotate((x9 + x8) | 0, 18);
    x12 ^= rotate((x15 + x14) | 0, 7);
    x13 ^= rotate((x12 + x15) | 0, 9);
    x14 ^= rotate((x13 + x12) | 0, 13);
    x15 ^= rotate((x14 + x13) | 0, 18);
  }
  block[0] = block[0]! + x0;
  block[1] = block[1]! + x1;
  block[2] = block[2]! + x2;
  block[3] = block[3]! + x3;
  block[4] = block[4]! + x4;
  block[5] = block[5]! + x5;
  block[6] = block[6]! + x6;
  block[7] = block[7]! + x7;
  block[8] = block[8]! + x8;
  block[9] = block[9]! + x9;
  block[10] = block[10]! + x10;
  block[11] = block[11]! + x11;
  block[12] = block[12]! + x12;
  block[13] = block[13]! + x13;
  block[14] = block[14]! + x14;
  block[15] = block[15]! + x15;
}

function rotate(sum: number, bits: number): number {
  return (sum << bits) | (sum >>> (32 - bits));
}
