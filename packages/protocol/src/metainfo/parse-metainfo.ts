import { BencodeDictionary, type BencodeValue } from "../bencode/bencode-dictionary.ts";
import { BENCODE_LIMITS } from "../bencode/bencode-limits.ts";
import { decodeBencode } from "../bencode/decode-bencode.ts";
import { MetainfoError } from "../errors.ts";
import { readText, toText, toTexts } from "./fields.ts";
import type { DhtNode, Metainfo } from "./metainfo.ts";
import { readInfo } from "./read-info.ts";
import { readRelations } from "./read-relations.ts";
import type { FileNameRules } from "./safe-name.ts";

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
  /** What the torrent file said of itself beside the dictionary. */
  readonly about?: Partial<AboutTorrent>;
}

export type AboutTorrent = Pick<Metainfo, "comment" | "createdBy" | "createdAtS">;

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
  const beside = readRelations(root);
  const findLayer = (piecesRootHex: string) =>
    layers?.bytes(Buffer.from(piecesRootHex, "hex").toString("latin1"));
  const fileNames = options.fileNames ?? "portable";
  const info = readInfo(root.get("info"), infoBytes, findLayer, false, fileNames);
  return {
    ...info,
    similar: [...info.similar, ...beside.similar],
    collections: [...info.collections, ...beside.collections],
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
    ...extras.about,
  };
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
