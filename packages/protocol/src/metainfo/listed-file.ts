import { BencodeDictionary, type BencodeValue } from "../bencode/bencode-dictionary.ts";
import { invalidField, toTexts } from "./fields.ts";

/** A file as one of the two worlds lists it, before its path is made safe. */
export interface ListedFile {
  /** Below the root folder; empty for the only file of a single-file torrent. */
  readonly rawPath: readonly string[];
  readonly lengthBytes: number;
  readonly offsetBytes: number;
  readonly piecesRoot: Uint8Array | null;
  readonly executable: boolean;
  readonly hidden: boolean;
  /** Below the root folder. */
  readonly rawSymlinkTarget: readonly string[] | null;
}

/** All files of a torrent without pads, and the space they lie in. */
export interface FileList {
  readonly files: readonly ListedFile[];
  readonly spaceBytes: number;
}

export interface ListedAttributes {
  readonly executable: boolean;
  readonly hidden: boolean;
  readonly isPad: boolean;
  readonly rawSymlinkTarget: readonly string[] | null;
}

/**
 * The attributes of one file's dictionary (BEP 47); unknown letters are ignored.
 * @throws {MetainfoError} `invalid-field` when a symbolic link has no target.
 */
export function readAttributes(dictionary: BencodeDictionary, field: string): ListedAttributes {
  const letters = dictionary.text("attr") ?? "";
  return {
    executable: letters.includes("x"),
    hidden: letters.includes("h"),
    isPad: letters.includes("p"),
    rawSymlinkTarget: letters.includes("l") ? readSymlinkTarget(dictionary, field) : null,
  };
}

function readSymlinkTarget(dictionary: BencodeDictionary, field: string): string[] {
  const target = toTexts(dictionary.get("symlink path"));
  if (target === undefined || target.length === 0) {
    throw invalidField(
      `${field}.symlink path`,
      "a list of strings",
      dictionary.get("symlink path"),
    );
  }
  return target;
}

/** The value as a dictionary, or an error naming the field. */
export function requireDictionary(
  value: BencodeValue | undefined,
  field: string,
): BencodeDictionary {
  if (!(value instanceof BencodeDictionary)) throw invalidField(field, "a dictionary", value);
  return value;
}
