/**
 * What can be encoded. Text is written as UTF-8. Keys of maps and objects are Latin-1 text, one
 * character a byte; entries of objects that are `undefined` are left out.
 */
export type Bencodable =
  | EncodedBencode
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Bencodable[]
  | ReadonlyMap<string, Bencodable>
  | BencodableObject;

/**
 * A value that is encoded already and is written as it is: what was hashed or signed in its original
 * form must not be encoded anew (BEP 44). The caller vouches that the bytes are one value.
 */
export class EncodedBencode {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

export interface BencodableObject {
  readonly [key: string]: Bencodable | undefined;
}

/** Room to start with: a message of the DHT fits. */
const INITIAL_BYTES = 512;

/**
 * The canonical encoding: keys sorted by their bytes.
 * @throws {RangeError} when a number is no safe integer.
 * @throws {TypeError} when a key has a character above U+00FF, or a value is of another type.
 * @see BEP 3
 */
export function encodeBencode(value: Bencodable): Uint8Array {
  const encoder = new Encoder();
  encoder.write(value);
  return encoder.finish();
}

class Encoder {
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;

  /** The bytes so far, in memory of their own. */
  finish(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }

  write(value: Bencodable): void {
    if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) {
        throw new RangeError(`Expected a safe integer to encode, got ${value}; use a bigint`);
      }
      // The template writes -0 as 0.
      this.#writeLatin1(`i${value}e`);
    } else if (typeof value === "bigint") {
      this.#writeLatin1(`i${value}e`);
    } else if (typeof value === "string") {
      this.#writeText(value);
    } else if (value instanceof Uint8Array) {
      this.#writeLatin1(`${value.length}:`);
      this.#writeRaw(value);
    } else if (value instanceof EncodedBencode) {
      this.#writeRaw(value.bytes);
    } else if (isList(value)) {
      this.#writeLatin1("l");
      for (const item of value) this.write(item);
      this.#writeLatin1("e");
    } else if (typeof value === "object" && value !== null) {
      this.#writeDictionary(value instanceof Map ? value : Object.entries(value));
    } else {
      throw new TypeError(`Expected a value that bencode knows, got ${typeof value}`);
    }
  }

  #writeDictionary(entries: Iterable<[string, Bencodable | undefined]>): void {
    const present: [string, Bencodable][] = [];
    for (const [key, value] of entries) {
      if (value !== undefined) present.push([key, value]);
    }
    present.sort(([a], [b]) => (a < b ? -1 : 1));
    this.#writeLatin1("d");
    for (const [key, value] of present) {
      if (/[\u0100-\uffff]/.test(key)) {
        throw new TypeError(`Expected a key of Latin-1 characters (bytes), got ${key}`);
      }
      this.#writeLatin1(`${key.length}:${key}`);
      this.write(value);
    }
    this.#writeLatin1("e");
  }

  #writeText(text: string): void {
    const lengthBytes = Buffer.byteLength(text);
    this.#writeLatin1(`${lengthBytes}:`);
    this.#reserve(lengthBytes);
    this.#length += this.#bytes.write(text, this.#length, "utf8");
  }

  #writeRaw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Writes one byte a character. */
  #writeLatin1(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, "latin1");
  }

  #reserve(lengthBytes: number): void {
    const needed = this.#length + lengthBytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** `Array.isArray`, which does not narrow readonly arrays. */
function isList(value: Bencodable): value is readonly Bencodable[] {
  return Array.isArray(value);
}
