import type { BencodeDictionary } from "../bencode/bencode-dictionary.ts";
import { MetainfoError } from "../errors.ts";
import { HASH_LENGTH_BYTES } from "../merkle/hash.ts";
import { invalidField, requireLength, toText } from "./fields.ts";
import {
  type FileList,
  type ListedFile,
  readAttributes,
  requireDictionary,
} from "./listed-file.ts";
import { addToSpace, alignToPiece } from "./space.ts";

/**
 * The files of a `file tree`, in its order, each non-empty one aligned to a piece (BEP 52).
 * @throws {MetainfoError} `invalid-field`, `too-large`.
 */
export function listV2Files(info: BencodeDictionary, pieceLengthBytes: number): FileList {
  const tree = requireDictionary(info.get("file tree"), "file tree");
  const files: ListedFile[] = [];
  let spaceBytes = 0;

  /** Recursion ends with the bound on nesting that the decoder kept. */
  const walk = (folder: BencodeDictionary, path: readonly string[]): void => {
    for (const [key, value] of folder) {
      if (key === "") throw invalidField("file tree", "free of files with siblings", value);
      const name = toText(Buffer.from(key, "latin1"));
      const field = `file tree: ${name}`;
      const entry = requireDictionary(value, field);
      const rawPath = [...path, name];
      if (entry.has("") && entry.size === 1) {
        const properties = requireDictionary(entry.get(""), field);
        const file = readFile(properties, rawPath, field);
        const offsetBytes =
          file.lengthBytes === 0 ? spaceBytes : alignToPiece(spaceBytes, pieceLengthBytes, field);
        files.push({ ...file, offsetBytes });
        spaceBytes = addToSpace(offsetBytes, file.lengthBytes, field);
      } else {
        walk(entry, rawPath);
      }
    }
  };
  walk(tree, []);
  if (files.length === 0) throw invalidField("file tree", "a tree of at least one file", tree);
  return { files, spaceBytes };
}

function readFile(
  properties: BencodeDictionary,
  rawPath: readonly string[],
  field: string,
): Omit<ListedFile, "offsetBytes"> {
  const { isPad, ...attributes } = readAttributes(properties, field);
  if (isPad) throw invalidField(field, "a file with content; v2 has no pad files", properties);
  const isLink = attributes.rawSymlinkTarget !== null;
  const lengthBytes = isLink ? 0 : requireLength(properties, "length", `${field}.length`, 0);
  let piecesRoot: Uint8Array | null = null;
  if (lengthBytes > 0) {
    piecesRoot = properties.bytes("pieces root") ?? null;
    if (piecesRoot?.length !== HASH_LENGTH_BYTES) {
      throw invalidField(`${field}.pieces root`, "32 bytes", properties.get("pieces root"));
    }
  }
  return { rawPath, lengthBytes, piecesRoot, ...attributes };
}

/**
 * Checks that both parts of a hybrid torrent list the same files at the same places.
 * @throws {MetainfoError} `hybrid-mismatch`, naming the first difference.
 * @see BEP 52, upgrade path
 */
export function checkHybrid(
  v1: FileList,
  v2: FileList,
  rootName: string,
  pieceLengthBytes: number,
): void {
  const isSingle = v1.files.length === 1 && v1.files[0]!.rawPath.length === 0;
  if (v1.files.length !== v2.files.length) {
    throw mismatch(`v1 lists ${v1.files.length} files and v2 ${v2.files.length}`);
  }
  for (const [index, file] of v1.files.entries()) {
    const other = v2.files[index]!;
    const path = (isSingle ? [rootName] : file.rawPath).join("/");
    if (path !== other.rawPath.join("/")) {
      throw mismatch(`file ${index} is "${path}" in v1 and "${other.rawPath.join("/")}" in v2`);
    }
    if (file.lengthBytes !== other.lengthBytes) {
      throw mismatch(`"${path}" has ${file.lengthBytes} bytes in v1, ${other.lengthBytes} in v2`);
    }
    if (file.lengthBytes > 0 && file.offsetBytes !== other.offsetBytes) {
      throw mismatch(`"${path}" starts at ${file.offsetBytes} in v1, ${other.offsetBytes} in v2`);
    }
    if (file.rawSymlinkTarget?.join("/") !== other.rawSymlinkTarget?.join("/")) {
      throw mismatch(`"${path}" is a symbolic link to different files in v1 and v2`);
    }
  }
  // Padding may fill the last piece, but there is no piece without a file.
  if (v1.spaceBytes > alignToPiece(v2.spaceBytes, pieceLengthBytes, "files")) {
    throw mismatch(`v1 pads its ${v2.spaceBytes} bytes to ${v1.spaceBytes}, beyond the last piece`);
  }
}

function mismatch(difference: string): MetainfoError {
  return new MetainfoError(
    "hybrid-mismatch",
    "files",
    `The torrent claims to be v1 and v2 at once, yet ${difference}; ask its creator for another`,
  );
}
