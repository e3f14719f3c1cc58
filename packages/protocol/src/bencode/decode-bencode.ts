import { BencodeError } from "../errors.ts";
import { BencodeDictionary, type BencodeValue } from "./bencode-dictionary.ts";
import { type BencodeLimits, DEFAULT_BENCODE_LIMITS } from "./bencode-limits.ts";

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const MINUS = 0x2d;
const DICTIONARY = 0x64;
const END = 0x65;
const INTEGER = 0x69;
const LIST = 0x6c;

/** Digits of 2^64 - 1. No field of any BEP is larger, and a bigint of megabytes takes minutes. */
const MAX_INTEGER_DIGITS = 20;
/** Digits that every safe `number` of lengths fits in with room to spare; limits bite far below. */
const MAX_LENGTH_DIGITS = 15;
/** Integers of at most this many digits are safe and are summed without a bigint. */
const SAFE_DIGITS = 15;

/**
 * Decodes exactly one value that fills `bytes`. Strict: no leading zeros, no `-0`, unique keys,
 * and keys in order unless the limits allow otherwise. Byte strings are views of `bytes`.
 * @throws {BencodeError} on anything else, with the offset.
 * @see BEP 3
 */
export function decodeBencode(bytes: Uint8Array, limits?: Partial<BencodeLimits>): BencodeValue {
  const { value, lengthBytes } = decodeBencodePrefix(bytes, limits);
  if (lengthBytes !== bytes.length) {
    throw new BencodeError(
      "trailing-bytes",
      lengthBytes,
      `Expected the end after the value; ${bytes.length - lengthBytes} more bytes follow`,
    );
  }
  return value;
}

/**
 * Decodes the value that `bytes` start with and tells its length; what follows is not looked at.
 * A `ut_metadata` message is such: a dictionary and then the piece (BEP 9).
 * @throws {BencodeError} like {@link decodeBencode}.
 */
export function decodeBencodePrefix(
  bytes: Uint8Array,
  limits?: Partial<BencodeLimits>,
): { value: BencodeValue; lengthBytes: number } {
  const decoder = new Decoder(bytes, { ...DEFAULT_BENCODE_LIMITS, ...limits });
  const value = decoder.value();
  return { value, lengthBytes: decoder.offset };
}

class Decoder {
  offset = 0;
  readonly #bytes: Uint8Array;
  readonly #text: Buffer;
  readonly #limits: BencodeLimits;
  /** No value may end after this index. */
  readonly #end: number;
  #tokens = 0;
  #depth = 0;

  constructor(bytes: Uint8Array, limits: BencodeLimits) {
    // A plain view, whatever came, so that values are never a Buffer, whose slice() does not copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limits = limits;
    this.#end = Math.min(bytes.length, limits.lengthBytes);
  }

  value(): BencodeValue {
    this.#countToken();
    const byte = this.#peek();
    if (byte >= DIGIT_0 && byte <= DIGIT_9) {
      const end = this.#readStringEnd();
      const value = this.#bytes.subarray(this.offset, end);
      this.offset = end;
      return value;
    }
    switch (byte) {
      case INTEGER:
        return this.#readInteger();
      case LIST:
        return this.#readList();
      case DICTIONARY:
        return this.#readDictionary();
      default:
        throw this.#error(
          "syntax",
          `Expected a value (i, l, d or a digit), found ${showByte(byte)}`,
        );
    }
  }

  #readList(): BencodeValue[] {
    this.#enter();
    const list: BencodeValue[] = [];
    while (this.#peek() !== END) list.push(this.value());
    this.#leave();
    return list;
  }

  #readDictionary(): BencodeDictionary {
    this.#enter();
    const dictionary = new BencodeDictionary(this.#bytes);
    let lastKey: string | undefined;
    for (let byte = this.#peek(); byte !== END; byte = this.#peek()) {
      const keyOffset = this.offset;
      if (byte < DIGIT_0 || byte > DIGIT_9) {
        throw this.#error("syntax", `Expected a key (a string), found ${showByte(byte)}`);
      }
      this.#countToken();
      const keyEnd = this.#readStringEnd();
      const key = this.#text.toString("latin1", this.offset, keyEnd);
      // Characters are bytes, so that the order of strings is the order of bytes.
      if (lastKey !== undefined && key <= lastKey) this.#checkKey(dictionary, key, keyOffset);
      lastKey = key;
      this.offset = keyEnd;
      const value = this.value();
      dictionary.append(key, value, keyEnd, this.offset);
    }
    this.#leave();
    return dictionary;
  }

  #checkKey(dictionary: BencodeDictionary, key: string, keyOffset: number): void {
    this.offset = keyOffset;
    if (dictionary.has(key)) {
      throw this.#error("duplicate-key", `The key ${JSON.stringify(key.slice(0, 64))} comes twice`);
    }
    if (!this.#limits.allowUnsortedKeys) {
      throw this.#error(
        "unsorted-keys",
        `The key ${JSON.stringify(key.slice(0, 64))} comes after a larger one`,
      );
    }
  }

  /** Reads `length:` and answers where the string ends; `offset` is then where it starts. */
  #readStringEnd(): number {
    const start = this.offset;
    const length = this.#readDigits(COLON, MAX_LENGTH_DIGITS, "a string's length");
    const end = this.offset + length;
    if (end > this.#end) {
      if (end > this.#limits.lengthBytes) {
        throw new BencodeError(
          "too-long",
          start,
          `A string of ${length} bytes passes the limit of ${this.#limits.lengthBytes} bytes`,
        );
      }
      throw new BencodeError(
        "truncated",
        start,
        `A string announces ${length} bytes; ${this.#end - this.offset} remain`,
      );
    }
    return end;
  }

  #readInteger(): number | bigint {
    this.offset += 1;
    const negative = this.#peek() === MINUS;
    if (negative) this.offset += 1;
    const start = this.offset;
    const magnitude = this.#readDigits(END, MAX_INTEGER_DIGITS, "an integer");
    if (negative && magnitude === 0) {
      throw new BencodeError("syntax", start, "Expected no -0");
    }
    if (this.offset - 1 - start <= SAFE_DIGITS) return negative ? -magnitude : magnitude;
    const exact = BigInt(this.#text.toString("latin1", start, this.offset - 1));
    const signed = negative ? -exact : exact;
    const approximate = Number(signed);
    return Number.isSafeInteger(approximate) ? approximate : signed;
  }

  /** Reads digits up to and with `terminator`. Exact up to 15 digits. */
  #readDigits(terminator: number, maxDigits: number, what: string): number {
    const start = this.offset;
    let value = 0;
    for (;;) {
      const byte = this.#peek();
      const digits = this.offset - start;
      if (byte === terminator && digits > 0) break;
      if (byte < DIGIT_0 || byte > DIGIT_9) {
        throw this.#error("syntax", `Expected a digit of ${what}, found ${showByte(byte)}`);
      }
      if (digits === 1 && this.#bytes[start] === DIGIT_0) {
        throw this.#error("syntax", `Expected no leading zero in ${what}`);
      }
      if (digits === maxDigits) {
        throw this.#error("syntax", `Expected at most ${maxDigits} digits in ${what}`);
      }
      value = value * 10 + (byte - DIGIT_0);
      this.offset += 1;
    }
    this.offset += 1;
    return value;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#limits.nesting) {
      throw this.#error(
        "too-deep",
        `Lists and dictionaries nest deeper than the limit of ${this.#limits.nesting}`,
      );
    }
    this.offset += 1;
  }

  #leave(): void {
    this.#depth -= 1;
    this.offset += 1;
  }

  #countToken(): void {
    this.#tokens += 1;
    if (this.#tokens > this.#limits.tokens) {
      throw this.#error("too-many-tokens", `More values than the limit of ${this.#limits.tokens}`);
    }
  }

  #peek(): number {
    const byte = this.offset < this.#end ? this.#bytes[this.offset] : undefined;
    if (byte !== undefined) return byte;
    if (this.#bytes.length > this.#end) {
      throw this.#error("too-long", `More bytes than the limit of ${this.#limits.lengthBytes}`);
    }
    throw this.#error("truncated", "The bytes end in the middle of a value");
  }

  #error(code: ConstructorParameters<typeof BencodeError>[0], message: string): BencodeError {
    return new BencodeError(code, this.offset, message);
  }
}

function showByte(byte: number): string {
  const printable = byte > 0x20 && byte < 0x7f;
  return printable ? `"${String.fromCharCode(byte)}"` : `0x${byte.toString(16).padStart(2, "0")}`;
}
