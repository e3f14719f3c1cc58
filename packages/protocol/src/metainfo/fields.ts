import type { BencodeDictionary, BencodeValue } from "../bencode/bencode-dictionary.ts";
import { MetainfoError } from "../errors.ts";

/** An `invalid-field` error that says what was expected and what came. */
export function invalidField(field: string, expected: string, got: unknown): MetainfoError {
  return new MetainfoError(
    "invalid-field",
    field,
    `The torrent's "${field}" should be ${expected}; it is ${describe(got)}`,
  );
}

/** A length of at least `minimum` that a `number` holds exactly. */
export function requireLength(
  dictionary: BencodeDictionary,
  key: string,
  field: string,
  minimum: number,
): number {
  const length = dictionary.integer(key);
  if (length === undefined || length < minimum) {
    throw invalidField(field, `an integer from ${minimum} to 2^53 - 1`, dictionary.get(key));
  }
  return length;
}

/** The text under `key.utf-8`, which older creators wrote beside another encoding, or under `key`. */
export function readText(dictionary: BencodeDictionary, key: string): string | null {
  return dictionary.text(`${key}.utf-8`) ?? dictionary.text(key) ?? null;
}

/** A list of byte strings as texts; undefined when it is none. */
export function toTexts(value: BencodeValue | undefined): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts: string[] = [];
  for (const item of value as readonly BencodeValue[]) {
    if (!(item instanceof Uint8Array)) return undefined;
    texts.push(toText(item));
  }
  return texts;
}

/** UTF-8 to text; invalid sequences become U+FFFD. */
export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value instanceof Uint8Array) return `a string of ${value.length} bytes`;
  if (typeof value === "number" || typeof value === "bigint") return `the integer ${value}`;
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
  return Array.isArray(value) ? "a list" : "a dictionary";
}
