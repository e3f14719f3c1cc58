import {
  type FileNameRules,
  infoHashHex,
  type Magnet,
  type Metainfo,
  type MetainfoFile,
  parseInfo,
  truncateInfoHash,
} from "@shoal/protocol";
import { TorrentError } from "../errors.ts";
import type { MetadataIdentity } from "./metadata-exchange.ts";

/** What a torrent is added from. */
export type TorrentSource = Metainfo | Magnet;

export function isMetainfo(source: TorrentSource): source is Metainfo {
  return "infoBytes" in source;
}

/** The whole infohashes that a source names. */
export function identify(source: TorrentSource): MetadataIdentity {
  if (!isMetainfo(source)) return { v1: source.infoHashV1, v2: source.infoHashV2 };
  return { v1: source.v1?.infoHash ?? null, v2: source.v2?.infoHash ?? null };
}

/** Hex of the v1 infohash, or of the whole v2 infohash where there is no v1. */
export function nameOf({ v1, v2 }: MetadataIdentity): string {
  return infoHashHex((v1 ?? v2)!);
}

/** The 20-byte infohashes that connections and trackers use: v1, then v2 truncated. */
export function swarmsOf({ v1, v2 }: MetadataIdentity): Uint8Array[] {
  const swarms: Uint8Array[] = [];
  if (v1 !== null) swarms.push(v1);
  if (v2 !== null) swarms.push(truncateInfoHash(v2));
  return swarms;
}

/** Tracker URLs by tier. A magnet link's trackers stand beside each other, each in a tier of its own. */
export function tiersOf(source: TorrentSource): readonly (readonly string[])[] {
  return isMetainfo(source) ? source.trackers : source.trackers.map((url) => [url]);
}

/** The files that a magnet link asks for (BEP 53); undefined where it asks for all. */
export function selectionOf(
  source: TorrentSource,
): ((file: MetainfoFile, index: number) => boolean) | undefined {
  const ranges = isMetainfo(source) ? null : source.selectOnly;
  if (ranges === null) return undefined;
  return (_file, index) => ranges.some(({ first, last }) => index >= first && index <= last);
}

/**
 * The metainfo of a magnet link whose info dictionary is here.
 * @throws {TorrentError} `bad-metadata` when the dictionary cannot be used.
 */
export function completeMagnet(
  magnet: Magnet,
  infoBytes: Uint8Array,
  pieceLayers: ReadonlyMap<string, Uint8Array>,
  fileNames: FileNameRules,
): Metainfo {
  const extras = { trackers: tiersOf(magnet), webSeeds: magnet.webSeeds, pieceLayers };
  try {
    return parseInfo(infoBytes, extras, { fileNames });
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new TorrentError(
      "bad-metadata",
      `the torrent's metadata is what the link asks for, but cannot be used: ${reason}`,
      { cause },
    );
  }
}

/** What is known of a torrent beside its source. */
export interface SourceDescription {
  readonly source: TorrentSource;
  readonly name: string | null;
  readonly tiers: readonly (readonly string[])[];
  readonly webSeeds: readonly string[];
  /** The link that it comes from. */
  readonly magnet: Magnet | null;
}

export function describeSource(source: TorrentSource): SourceDescription {
  return {
    source,
    name: source.name,
    tiers: tiersOf(source),
    webSeeds: source.webSeeds,
    magnet: isMetainfo(source) ? null : source,
  };
}
