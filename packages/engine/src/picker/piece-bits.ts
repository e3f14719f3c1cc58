/** One bit per piece in 32-bit words, so that a whole torrent is compared word by word. */
export type PieceBits = Uint32Array;

export function createPieceBits(pieceCount: number): PieceBits {
  return new Uint32Array((pieceCount + 31) >>> 5);
}

export function hasBit(bits: PieceBits, piece: number): boolean {
  return ((bits[piece >>> 5]! >>> (piece & 31)) & 1) === 1;
}

export function setBit(bits: PieceBits, piece: number): void {
  bits[piece >>> 5]! |= 1 << (piece & 31);
}

export function clearBit(bits: PieceBits, piece: number): void {
  bits[piece >>> 5]! &= ~(1 << (piece & 31));
}

/** How many pieces are in both sets. */
export function countCommonBits(a: PieceBits, b: PieceBits): number {
  let total = 0;
  for (let word = 0; word < a.length; word++) {
    // The count of set bits in a word, summed in parallel in ever wider fields.
    let bits = a[word]! & b[word]!;
    bits -= (bits >>> 1) & 0x55555555;
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    total += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return total;
}

/**
 * Calls `visit` with every piece that is in `bits`, and in `mask` when given, from `from` up to but not
 * including `to`, in ascending order. `visit` may change either set; returning false ends the walk.
 * @returns false when `visit` ended the walk.
 */
export function walkBits(
  bits: PieceBits,
  mask: PieceBits | undefined,
  from: number,
  to: number,
  visit: (piece: number) => boolean,
): boolean {
  if (from >= to) return true;
  const firstWord = from >>> 5;
  const lastWord = (to - 1) >>> 5;
  for (let word = firstWord; word <= lastWord; word++) {
    let left = mask === undefined ? bits[word]! : bits[word]! & mask[word]!;
    if (word === firstWord) left &= -1 << (from & 31);
    while (left !== 0) {
      const piece = word * 32 + 31 - Math.clz32(left & -left);
      if (piece >= to) return true;
      left &= left - 1;
      if (!visit(piece)) return false;
    }
  }
  return true;
}

export function forEachBit(bits: PieceBits, visit: (piece: number) => void): void {
  walkBits(bits, undefined, 0, bits.length * 32, (piece) => {
    visit(piece);
    return true;
  });
}
