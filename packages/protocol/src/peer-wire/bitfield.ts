import { PeerWireError } from "../errors.ts";

/**
 * Which pieces a peer has: one bit a piece, most significant bit first, as on the wire.
 *
 * Invariants: bits at and beyond `length` are zero; `count` is the number of set bits; the bytes
 * lie at the start of `#words`, so that questions about whole bitfields take 32 pieces a step.
 * @see BEP 3, bitfield
 */
export class Bitfield {
  /** Number of pieces. */
  readonly length: number;
  /** The wire form, for reading alone: writing to it would break `count`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array<ArrayBuffer>;
  #count = 0;

  /**
   * A bitfield without any piece.
   * @throws {RangeError} when `length` is not a whole number of 0 or more.
   */
  constructor(length: number) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(`a bitfield's length is a number of pieces, not ${length}`);
    }
    this.length = length;
    this.#words = new Int32Array(Math.ceil(length / 32));
    this.bytes = new Uint8Array(this.#words.buffer, 0, Math.ceil(length / 8));
  }

  /**
   * Copies a bitfield from the wire.
   * @param bytes Payload of a `bitfield` message.
   * @param length Number of pieces of the torrent.
   * @throws {PeerWireError} `bad-bitfield` when there are too many or too few bytes, or a spare bit is set.
   */
  static fromBytes(bytes: Uint8Array, length: number): Bitfield {
    const bitfield = new Bitfield(length);
    if (bytes.length !== bitfield.bytes.length) {
      throw new PeerWireError(
        "bad-bitfield",
        bytes.length,
        `a bitfield of ${length} pieces has ${bitfield.bytes.length} bytes, not ${bytes.length}`,
      );
    }
    const spareBits = bytes.length * 8 - length;
    if (spareBits > 0 && (bytes.at(-1)! & ((1 << spareBits) - 1)) !== 0) {
      throw new PeerWireError(
        "bad-bitfield",
        bytes.length - 1,
        `the last ${spareBits} bits of a bitfield of ${length} pieces must be zero`,
      );
    }
    bitfield.bytes.set(bytes);
    bitfield.#count = countBits(bitfield.#words);
    return bitfield;
  }

  /** Number of pieces that are there. */
  get count(): number {
    return this.#count;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  /** False also for a piece beyond the end. */
  has(piece: number): boolean {
    return (this.bytes[piece >>> 3]! & (0x80 >>> (piece & 7))) !== 0;
  }

  /**
   * @returns Whether the piece is new.
   * @throws {RangeError} when there is no such piece.
   */
  set(piece: number): boolean {
    this.#requirePiece(piece);
    if (this.has(piece)) return false;
    this.bytes[piece >>> 3]! |= 0x80 >>> (piece & 7);
    this.#count++;
    return true;
  }

  /**
   * @returns Whether the piece was there.
   * @throws {RangeError} when there is no such piece.
   */
  clear(piece: number): boolean {
    this.#requirePiece(piece);
    if (!this.has(piece)) return false;
    this.bytes[piece >>> 3]! &= ~(0x80 >>> (piece & 7));
    this.#count--;
    return true;
  }

  setAll(): void {
    const spareBits = this.bytes.length * 8 - this.length;
    this.bytes.fill(0xff);
    if (spareBits > 0) this.bytes[this.bytes.length - 1] = 0xff << spareBits;
    this.#count = this.length;
  }

  /**
   * Whether any piece is here that `other` lacks: whether the owner of `other` is interested.
   * @throws {RangeError} when the two are not of one length.
   */
  hasAnyMissingFrom(other: Bitfield): boolean {
    if (other.length !== this.length) {
      throw new RangeError(`bitfields of ${this.length} and ${other.length} pieces do not compare`);
    }
    if (this.#count > other.#count) return true;
    const ours = this.#words;
    const theirs = other.#words;
    for (let at = 0; at < ours.length; at++) {
      if ((ours[at]! & ~theirs[at]!) !== 0) return true;
    }
    return false;
  }

  /** Calls `visit` with each piece that is there, in rising order. Four times as fast as the iterator. */
  forEach(visit: (piece: number) => void): void {
    const bytes = this.bytes;
    const words = this.#words;
    for (let word = 0; word < words.length; word++) {
      if (words[word] === 0) continue;
      const end = Math.min(word * 4 + 4, bytes.length);
      for (let at = word * 4; at < end; at++) {
        let bits = bytes[at]!;
        while (bits !== 0) {
          const bit = Math.clz32(bits) - 24;
          bits ^= 0x80 >>> bit;
          visit(at * 8 + bit);
        }
      }
    }
  }

  /** The first piece that is there, at `from` or beyond; -1 when there is none. */
  next(from: number): number {
    const bytes = this.bytes;
    let at = from >>> 3;
    if (at >= bytes.length) return -1;
    let bits = bytes[at]! & (0xff >>> (from & 7));
    while (bits === 0) {
      at++;
      if ((at & 3) === 0) at = this.#skipZeroWords(at >>> 2) * 4;
      if (at >= bytes.length) return -1;
      bits = bytes[at]!;
    }
    return at * 8 + Math.clz32(bits) - 24;
  }

  /** The pieces that are there, in rising order. */
  *[Symbol.iterator](): Generator<number, void, undefined> {
    for (let piece = this.next(0); piece !== -1; piece = this.next(piece + 1)) yield piece;
  }

  #skipZeroWords(from: number): number {
    const words = this.#words;
    let word = from;
    while (word < words.length && words[word] === 0) word++;
    return word;
  }

  #requirePiece(piece: number): void {
    if (!Number.isInteger(piece) || piece < 0 || piece >= this.length) {
      throw new RangeError(`there is no piece ${piece} in a torrent of ${this.length} pieces`);
    }
  }
}

/** The usual sum of halves, 32 bits a step: 2 million pieces in well under a millisecond. */
function countBits(words: Int32Array): number {
  let count = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    let bits = word - ((word >>> 1) & 0x55555555);
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    count += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}
