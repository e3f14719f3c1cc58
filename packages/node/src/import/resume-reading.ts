import { BencodeDictionary, type BencodeValue, decodeBencode } from "@shoal/protocol";
import type { LocalFiles } from "../local-files/local-files.ts";

/** A torrent file, or a record of its progress with a bit for each block of 16 KiB. */
export const MAX_FILE_BYTES = 16 * 2 ** 20;
/** Files of a folder that are looked at: a hundred thousand torrents have two each. */
export const MAX_FILES = 200_000;

/** The dictionary in a file. @throws {DiskError}; {BencodeError}; {TypeError} when it is none. */
export async function readDictionary(files: LocalFiles, path: string): Promise<BencodeDictionary> {
  const value = decodeBencode(await files.read(path, MAX_FILE_BYTES));
  if (value instanceof BencodeDictionary) return value;
  throw new TypeError("This is no record of a torrent.");
}

/** The dictionary under a name. */
export function inner(dictionary: BencodeDictionary, name: string): BencodeDictionary | undefined {
  const value = dictionary.get(name);
  return value instanceof BencodeDictionary ? value : undefined;
}

/** 0 or more, or a fallback. */
export function count(dictionary: BencodeDictionary, name: string, fallback = 0): number {
  const value = dictionary.integer(name);
  return value !== undefined && value >= 0 ? value : fallback;
}

export function flag(dictionary: BencodeDictionary, name: string): boolean {
  return (dictionary.integer(name) ?? 0) !== 0;
}

/** Texts of a list; what is none is left out. */
export function texts(values: readonly BencodeValue[] | undefined): string[] {
  return (values ?? []).flatMap((value) =>
    value instanceof Uint8Array ? [Buffer.from(value).toString("utf8")] : [],
  );
}

/** Integers of a list; what is none is 0. */
export function integers(values: readonly BencodeValue[] | undefined): number[] {
  return (values ?? []).map((value) => (typeof value === "number" ? value : 0));
}

/** The last part of a path, for messages. */
export function withoutExtension(name: string): string {
  return name.replace(/\.[^.]*$/, "");
}
