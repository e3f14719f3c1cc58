import {
  type FileNameRules,
  type Magnet,
  type Metainfo,
  parseInfo,
  parseMagnet,
  parseMetainfo,
} from "@shoal/protocol";
import { SessionError } from "../errors.ts";
import type { ResumeStore } from "./resume.ts";
import type { SourceDescription, TorrentSource } from "./source.ts";

/**
 * Reads what a torrent is added from.
 * @throws {BencodeError|MetainfoError|MagnetError} when it cannot be read.
 */
export function parseSource(
  source: Uint8Array | string | TorrentSource,
  fileNames: FileNameRules,
): Metainfo | Magnet {
  if (typeof source === "string") return parseMagnet(source);
  return source instanceof Uint8Array ? parseMetainfo(source, { fileNames }) : source;
}

/**
 * Reads what the store keeps of a torrent that sleeps.
 * @throws {SessionError} `lost-metadata`; {StoreError}.
 */
export async function loadSource(
  torrent: { readonly infoHash: string; readonly about: Omit<SourceDescription, "source"> },
  store: ResumeStore | null,
  fileNames: FileNameRules,
): Promise<TorrentSource> {
  const { infoHash } = torrent;
  const { tiers, webSeeds, magnet } = torrent.about;
  const saved = (await store?.loadMetadata(infoHash)) ?? null;
  if (saved !== null) {
    const { info, layers: pieceLayers, about } = saved;
    return parseInfo(info, { trackers: tiers, webSeeds, pieceLayers, about }, { fileNames });
  }
  if (magnet !== null) return magnet;
  throw new SessionError(
    "lost-metadata",
    `the metadata of torrent ${infoHash} is gone from the store: add its torrent file again`,
  );
}
