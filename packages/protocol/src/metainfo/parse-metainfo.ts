import { hash } from "node:crypto";
import { BencodeDictionary, type BencodeValue } from "../bencode/bencode-dictionary.ts";
import { BENCODE_LIMITS } from "../bencode/bencode-limits.ts";
import { decodeBencode } from "../bencode/decode-bencode.ts";
import { MetainfoError } from "../errors.ts";
import { isPowerOfTwo } from "../merkle/merkle-tree.ts";
import { BLOCK_LENGTH_BYTES } from "../peer-wire/message.ts";
import { invalidField, readText, requireLength, toText, toTexts } from "./fields.ts";
import { infoHashHex } from "./info-hash.ts";
import { checkHybrid, listV2Files } from "./list-v2-files.ts";
import { listV1Files } from "./list-v1-files.ts";
import type { FileList, ListedFile } from "./listed-file.ts";
import { MAX_PIECE_LENGTH_BYTES, MAX_PIECES } from "./metainfo.ts";
import type { DhtNode, Metainfo, MetainfoFile } from "./metainfo.ts";
import { collectPieceLayers } from "./piece-layer.ts";
import { type FileNameRules, safeName } from "./safe-name.ts";
import { safePath, safePaths } from "./safe-paths.ts";

export interface ParseOptions {
  /** `portable` unless told otherwise. Files that lie on a POSIX system keep more names by `posix`. */
  readonly fileNames?: FileNameRules;
}

/** What a magnet link or saved state adds to an info dictionary. */
export interface InfoExtras {
  readonly trackers?: readonly (readonly string[])[];
  readonly webSeeds?: readonly string[];
  /** Piece layers by the hex of the pieces root; each is verified, and may be missing. */
  readonly pieceLayers?: ReadonlyMap<string, Uint8Array>;
}

const SHA1_LENGTH_BYTES = 20;

/**
 * Reads a torrent file: v1 (BEP 3), v2 (BEP 52) or hybrid.
 * @throws {BencodeError} when the bytes are no bencode within the bounds of a torrent file.
 * @throws {MetainfoError} when what they say cannot be accepted; `code` and `field` tell.
 */
export function parseMetainfo(bytes: Uint8Array, options: ParseOptions = {}): Metainfo {
  const root = decodeBencode(bytes, BENCODE_LIMITS.torrent);
  const infoBytes = root instanceof BencodeDictionary ? root.rawSpan("info") : undefined;
  if (!(root instanceof BencodeDictionary) || infoBytes === undefined) {
    throw new MetainfoError(
      "not-a-torrent",
      "info",
      "This is no torrent file: it has no info dictionary",
    );
  }
  const layers = root.dictionary("piece layers");
  const findLayer = (piecesRootHex: string) =>
    layers?.bytes(Buffer.from(piecesRootHex, "hex").toString("latin1"));
  return {
    ...readInfo(root.get("info"), infoBytes, findLayer, false, options.fileNames ?? "portable"),
    trackers: readTrackers(root),
    webSeeds: readUrls(root.get("url-list")),
    nodes: readNodes(root.list("nodes") ?? []),
    comment: readText(root, "comment"),
    createdBy: readText(root, "created by"),
    createdAtS: root.integer("creation date") ?? null,
  };
}

/**
 * Reads an info dictionary alone, as peers send it for a magnet link (BEP 9). The caller has compared
 * the hash of `infoBytes` with the infohash that it wanted.
 * @throws {BencodeError} when the bytes are no bencode within the bounds of metadata.
 * @throws {MetainfoError} as {@link parseMetainfo}.
 */
export function parseInfo(
  infoBytes: Uint8Array,
  extras: InfoExtras = {},
  options: ParseOptions = {},
): Metainfo {
  const info = decodeBencode(infoBytes, BENCODE_LIMITS.metadata);
  const findLayer = (piecesRootHex: string) => extras.pieceLayers?.get(piecesRootHex);
  return {
    ...readInfo(info, infoBytes, findLayer, true, options.fileNames ?? "portable"),
    trackers: extras.trackers ?? [],
    webSeeds: extras.webSeeds ?? [],
    nodes: [],
    comment: null,
    createdBy: null,
    createdAtS: null,
  };
}

type InfoPart = Omit<
  Metainfo,
  "trackers" | "webSeeds" | "nodes" | "comment" | "createdBy" | "createdAtS"
>;

function readInfo(
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
  if (v1Files && v2Files) checkHybrid(v1Files, v2Files, rawName);

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
  const isSingle = v1Files ? isSingleFile(v1Files, "") : isSingleFile(listed, rawName);
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

/**
 * Whether the torrent is one file without a folder. In v1 `length` says so (an empty path here); in v2
 * it is one file at the top that bears the torrent's name.
 */
function isSingleFile({ files }: FileList, name: string): boolean {
  return files.length === 1 && files[0]!.rawPath.join("/") === name;
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

/** Tiers of `announce-list`, or `announce` when there is none (BEP 12). */
function readTrackers(root: BencodeDictionary): string[][] {
  const tiers: string[][] = [];
  for (const tier of root.list("announce-list") ?? []) {
    const urls = readUrls(tier);
    if (urls.length > 0) tiers.push(urls);
  }
  if (tiers.length > 0) return tiers;
  const urls = readUrls(root.get("announce"));
  return urls.length > 0 ? [urls] : [];
}

/** One URL or a list of them; blanks and repetitions are left out (BEP 19). */
function readUrls(value: BencodeValue | undefined): string[] {
  const texts = value instanceof Uint8Array ? [toText(value)] : (toTexts(value) ?? []);
  return [...new Set(texts.map((text) => text.trim()))].filter((text) => text !== "");
}

/** Pairs of host and port; anything else in the list is skipped (BEP 5). */
function readNodes(list: readonly BencodeValue[]): DhtNode[] {
  const nodes: DhtNode[] = [];
  for (const item of list) {
    const [host, port] = Array.isArray(item) ? (item as readonly BencodeValue[]) : [];
    if (host instanceof Uint8Array && typeof port === "number" && port > 0 && port < 65_536) {
      nodes.push({ host: toText(host), port });
    }
  }
  return nodes;
}
