import type { BencodeDictionary } from "../bencode/bencode-dictionary.ts";
import { invalidField, requireLength, toTexts } from "./fields.ts";
import {
  type FileList,
  type ListedFile,
  readAttributes,
  requireDictionary,
} from "./listed-file.ts";
import { addToSpace } from "./space.ts";

/**
 * The files of the v1 part of an info dictionary: `length`, or `files`, with pads taken out (BEP 3, 47).
 * @throws {MetainfoError} `invalid-field`, `too-large`.
 */
export function listV1Files(info: BencodeDictionary): FileList {
  if (!info.has("files")) {
    const { executable, hidden } = readAttributes(info, "info");
    const lengthBytes = requireLength(info, "length", "length", 0);
    const file: ListedFile = {
      rawPath: [],
      lengthBytes,
      offsetBytes: 0,
      piecesRoot: null,
      executable,
      hidden,
      rawSymlinkTarget: null,
    };
    return { files: [file], spaceBytes: lengthBytes };
  }
  const list = info.list("files");
  if (list === undefined || list.length === 0) {
    throw invalidField("files", "a list of at least one file", info.get("files"));
  }
  const files: ListedFile[] = [];
  let spaceBytes = 0;
  for (const [index, item] of list.entries()) {
    const field = `files[${index}]`;
    const dictionary = requireDictionary(item, field);
    const { isPad, ...attributes } = readAttributes(dictionary, field);
    // A link has no content, whatever length an old creator wrote (BEP 47).
    const lengthBytes =
      attributes.rawSymlinkTarget === null
        ? requireLength(dictionary, "length", `${field}.length`, 0)
        : 0;
    if (!isPad) {
      const rawPath = readPath(dictionary, field);
      files.push({
        rawPath,
        lengthBytes,
        offsetBytes: spaceBytes,
        piecesRoot: null,
        ...attributes,
      });
    }
    spaceBytes = addToSpace(spaceBytes, lengthBytes, `${field}.length`);
  }
  return { files, spaceBytes };
}

function readPath(dictionary: BencodeDictionary, field: string): string[] {
  const path = toTexts(dictionary.get("path.utf-8")) ?? toTexts(dictionary.get("path"));
  if (path === undefined || path.length === 0) {
    throw invalidField(`${field}.path`, "a list of at least one string", dictionary.get("path"));
  }
  return path;
}
