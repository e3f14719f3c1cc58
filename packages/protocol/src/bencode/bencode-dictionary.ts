/** A decoded value. Integers outside the safe range are `bigint`; strings are bytes. */
export type BencodeValue =
  | number
  | bigint
  | Uint8Array
  | readonly BencodeValue[]
  | BencodeDictionary;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A decoded dictionary. Keys are byte strings held as Latin-1 text (one character a byte), in the
 * order in which they came.
 *
 * The typed getters answer `undefined` when the key is missing *or its value is of another type*:
 * a reader of hostile input treats both alike.
 */
export class BencodeDictionary extends Map<string, BencodeValue> {
  readonly #source: Uint8Array;
  /** Start and end of each value in `#source`, in the order of the keys. */
  readonly #spans: number[] = [];

  constructor(source: Uint8Array) {
    super();
    this.#source = source;
  }

  /** Adds an entry whose encoded value is `source[start, end)`. For the decoder. */
  append(key: string, value: BencodeValue, start: number, end: number): void {
    this.set(key, value);
    this.#spans.push(start, end);
  }

  /** A byte string: a view of the decoded bytes, not a copy. */
  bytes(key: string): Uint8Array | undefined {
    const value = this.get(key);
    return value instanceof Uint8Array ? value : undefined;
  }

  /** A byte string read as UTF-8; invalid sequences become U+FFFD. */
  text(key: string): string | undefined {
    const value = this.get(key);
    return value instanceof Uint8Array ? utf8.decode(value) : undefined;
  }

  /** An integer that a `number` holds exactly. */
  integer(key: string): number | undefined {
    const value = this.get(key);
    return typeof value === "number" ? value : undefined;
  }

  /** An integer of any size. */
  bigInteger(key: string): bigint | undefined {
    const value = this.get(key);
    return typeof value === "number" || typeof value === "bigint" ? BigInt(value) : undefined;
  }

  list(key: string): readonly BencodeValue[] | undefined {
    const value = this.get(key);
    return Array.isArray(value) ? value : undefined;
  }

  dictionary(key: string): BencodeDictionary | undefined {
    const value = this.get(key);
    return value instanceof BencodeDictionary ? value : undefined;
  }

  /**
   * The bytes of a value exactly as they came, for hashes and signatures over the original
   * encoding (infohash, BEP 44 items). A view, not a copy.
   */
  rawSpan(key: string): Uint8Array | undefined {
    let index = 0;
    for (const candidate of this.keys()) {
      if (candidate === key) {
        return this.#source.subarray(this.#spans[index], this.#spans[index + 1]);
      }
      index += 2;
    }
    return undefined;
  }
}
