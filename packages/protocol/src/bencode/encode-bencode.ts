import { concatBytes } from "../bytes/concat-bytes.ts";

/**
 * What can be encoded. Text is written as UTF-8. Keys of maps and objects are Latin-1 text, one
 * character a byte; entries of objects that are `undefined` are left out.
 */
export type Bencodable =
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Bencodable[]
  | ReadonlyMap<string, Bencodable>
  | BencodableObject;

export interface BencodableObject {
  readonly [key: string]: Bencodable | undefined;
}

/**
 * The canonical encoding: keys sorted by their bytes.
 * @throws {RangeError} when a number is no safe integer.
 * @throws {TypeError} when a key has a character above U+00FF, or a value is of another type.
 * @see BEP 3
 */
export function encodeBencode(value: Bencodable): Uint8Array {
  const chunks: Uint8Array[] = [];
  write(value, chunks);
  return concatBytes(chunks);
}

function write(value: Bencodable, chunks: Uint8Array[]): void {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`Expected a safe integer to encode, got ${value}; use a bigint`);
    }
    chunks.push(ascii(`i${value === 0 ? 0 : value}e`));
  } else if (typeof value === "bigint") {
    chunks.push(ascii(`i${value}e`));
  } else if (typeof value === "string") {
    writeBytes(Buffer.from(value, "utf8"), chunks);
  } else if (value instanceof Uint8Array) {
    writeBytes(value, chunks);
  } else if (isList(value)) {
    chunks.push(ascii("l"));
    for (const item of value) write(item, chunks);
    chunks.push(ascii("e"));
  } else if (typeof value === "object" && value !== null) {
    writeDictionary(value instanceof Map ? value : Object.entries(value), chunks);
  } else {
    throw new TypeError(`Expected a value that bencode knows, got ${typeof value}`);
  }
}

function writeDictionary(
  entries: Iterable<[string, Bencodable | undefined]>,
  chunks: Uint8Array[],
): void {
  const present: [string, Bencodable][] = [];
  for (const [key, value] of entries) {
    if (value !== undefined) present.push([key, value]);
  }
  present.sort(([a], [b]) => (a < b ? -1 : 1));
  chunks.push(ascii("d"));
  for (const [key, value] of present) {
    // oxlint-disable-next-line no-control-regex -- a key is any byte string
    if (!/^[\u0000-\u00ff]*$/.test(key)) {
      throw new TypeError(`Expected a key of Latin-1 characters (bytes), got ${key}`);
    }
    writeBytes(Buffer.from(key, "latin1"), chunks);
    write(value, chunks);
  }
  chunks.push(ascii("e"));
}

function writeBytes(bytes: Uint8Array, chunks: Uint8Array[]): void {
  chunks.push(ascii(`${bytes.length}:`), bytes);
}

function ascii(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** `Array.isArray`, which does not narrow readonly arrays. */
function isList(value: Bencodable): value is readonly Bencodable[] {
  return Array.isArray(value);
}
