import { hash } from "node:crypto";
import { BencodeDictionary, type BencodeValue } from "../bencode/bencode-dictionary.ts";
import { MetainfoError } from "../errors.ts";
import { isPowerOfTwo } from "../merkle/merkle-tree.ts";
import { BLOCK_LENGTH_BYTES } from "../peer-wire/message.ts";
import { invalidField, readText, requireLength } from "./fields.ts";
import { infoHashHex } from "./info-hash.ts";
import { checkHybrid, listV2Files } from "./list-v2-files.ts";
import { listV1Files } from "./list-v1-files.ts";
import type { FileList, ListedFile } from "./listed-file.ts";
import { MAX_PIECE_LENGTH_BYTES, MAX_PIECES } from "./metainfo.ts";
import type { Metainfo, MetainfoFile } from "./metainfo.ts";
import { collectPieceLayers } from "./piece-layer.ts";
import { type FileNameRules, safeName } from "./safe-name.ts";
import { readRelations } from "./read-relations.ts";
import { safePath, safePaths } from "./safe-paths.ts";

const SHA1_LENGTH_BYTES = 20;

/** What the info dictionary says, without what stands beside it. */
export type InfoPart = Omit<
  Metainfo,
  "trackers" | "webSeeds" | "nodes" | "comment" | "createdBy" | "createdAtS"
>;

/**
 * Reads an info dictionary.
 * @param infoBytes the bytes that `info` was decoded from; infohashes are over them.
 * @param findLayer the piece layer said to be of a pieces root, given in hex.
 * @throws {MetainfoError}
 */
export function readInfo(
  info: BencodeValue | undefined,
  infoBytes: Uint8Array,
  findLayer: (piecesRootHex: string) => Uint8Array | undefined,
  allowMissingLayers: boolean,
  fileNames: FileNameRules,
): InfoPart {
  if (!(info instanceof BencodeDictionary)) throw invalidField("info", "a dictionary", info);
  const isV2 = readVersion(info) === 2;
  const isV1 = !isV2 || info.has("pieces");
  const pieceLengthBytes = readPieceLength(info, isV2);

  const v1Files = isV1 ? listV1Files(info) : null;
  const v2Files = isV2 ? listV2Files(info, pieceLengthBytes) : null;
  const rawName = readText(info, "name");
  if (rawName === null) throw invalidField("name", "a string", info.get("name"));
  if (v1Files && v2Files) checkHybrid(v1Files, v2Files, rawName, pieceLengthBytes);

  // The v1 space of a hybrid torrent may end with padding, which its SHA-1 hashes cover.
  const spaceBytes = (v1Files ?? v2Files)!.spaceBytes;
  const listed = (v2Files ?? v1Files)!;
  const lengthBytes = listed.files.reduce((sum, file) => sum + file.lengthBytes, 0);
  if (lengthBytes === 0) {
    throw new MetainfoError(
      "no-content",
      "length",
      "All files of the torrent are empty: there is nothing to transfer",
    );
  }
  const pieceCount = Math.ceil(spaceBytes / pieceLengthBytes);
  if (pieceCount > MAX_PIECES) {
    throw new MetainfoError(
      "too-large",
      "piece length",
      `The torrent has ${pieceCount} pieces; at most ${MAX_PIECES} are accepted`,
    );
  }
  const v1 = isV1
    ? { infoHash: digest("sha1", infoBytes), pieces: readPieces(info, pieceCount) }
    : null;
  const v2 = isV2 ? { infoHash: digest("sha256", infoBytes) } : null;
  const name = safeName(rawName, fileNames) ?? infoHashHex((v1 ?? v2)!.infoHash);
  // In v1 `length` says so (an empty path here). In v2 it is a tree of one file that bears the torrent's
  // name; without that name it is a folder of one file, which creators write the same way.
  const isSingle = v1Files ? isOnlyFile(v1Files, []) : isOnlyFile(listed, [rawName]);
  return {
    infoBytes,
    name,
    pieceLengthBytes,
    pieceCount,
    lengthBytes,
    spaceBytes,
    isPrivate: info.integer("private") === 1,
    v1,
    v2,
    files: placeFiles(listed, isSingle, { rawName, name }, fileNames),
    pieceLayers: collectPieceLayers(listed.files, findLayer, pieceLengthBytes, allowMissingLayers),
    source: info.text("source") ?? null,
    ...readRelations(info),
  };
}

function digest(algorithm: "sha1" | "sha256", bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash(algorithm, bytes, "buffer"));
}

/** The version comes first: what a later one means by the other fields is not known (BEP 52). */
function readVersion(info: BencodeDictionary): 1 | 2 {
  const version = info.get("meta version");
  if (version === undefined || version === 1) return 1;
  if (version === 2) return 2;
  throw new MetainfoError(
    "unsupported-version",
    "meta version",
    "The torrent is of a newer version than this program knows (1 and 2); a newer program may read it",
  );
}

function readPieceLength(info: BencodeDictionary, isV2: boolean): number {
  const length = requireLength(info, "piece length", "piece length", 1);
  if (length > MAX_PIECE_LENGTH_BYTES) {
    throw new MetainfoError(
      "too-large",
      "piece length",
      `The torrent's pieces have ${length} bytes; at most ${MAX_PIECE_LENGTH_BYTES} are accepted`,
    );
  }
  if (isV2 && !isPowerOfTwo(length / BLOCK_LENGTH_BYTES)) {
    throw invalidField("piece length", "a power of two of at least 16384", length);
  }
  return length;
}

function readPieces(info: BencodeDictionary, pieceCount: number): Uint8Array {
  const pieces = info.bytes("pieces");
  if (pieces === undefined) throw invalidField("pieces", "a string", info.get("pieces"));
  if (pieces.length !== pieceCount * SHA1_LENGTH_BYTES) {
    throw new MetainfoError(
      "piece-count-mismatch",
      "pieces",
      `The torrent's files make ${pieceCount} pieces, which need ${pieceCount * SHA1_LENGTH_BYTES} ` +
        `bytes of hashes; "pieces" has ${pieces.length}`,
    );
  }
  return pieces;
}

function isOnlyFile({ files }: FileList, path: readonly string[]): boolean {
  const [first, ...others] = files;
  return (
    others.length === 0 && first?.rawPath.length === path.length && first.rawPath[0] === path[0]
  );
}

/** Gives each file its safe path below the download folder: in a folder named for the torrent, or alone. */
function placeFiles(
  { files }: FileList,
  isSingle: boolean,
  { rawName, name }: { rawName: string; name: string },
  fileNames: FileNameRules,
): MetainfoFile[] {
  if (isSingle) return [toMetainfoFile(files[0]!, [name], [rawName], null)];
  const paths = safePaths(
    files.map((file) => file.rawPath),
    fileNames,
  );
  const linked = new Map<string, readonly string[]>();
  if (files.some((file) => file.rawSymlinkTarget !== null)) {
    for (const [index, file] of files.entries()) linked.set(file.rawPath.join("/"), paths[index]!);
  }
  return files.map((file, index) => {
    const target = file.rawSymlinkTarget;
    // A link follows its target where that was renamed, and stays below the root folder in any case.
    const path = target && (linked.get(target.join("/")) ?? safePath(target, fileNames));
    return toMetainfoFile(
      file,
      [name, ...paths[index]!],
      [rawName, ...file.rawPath],
      path && [name, ...path],
    );
  });
}

function toMetainfoFile(
  { lengthBytes, offsetBytes, piecesRoot, executable, hidden }: ListedFile,
  path: readonly string[],
  rawPath: readonly string[],
  symlinkTarget: readonly string[] | null,
): MetainfoFile {
  const attributes = { executable, hidden, symlinkTarget };
  return { path, rawPath, lengthBytes, offsetBytes, piecesRoot, attributes };
}
