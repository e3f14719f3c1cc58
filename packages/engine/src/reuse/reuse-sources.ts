import type { Metainfo } from "@shoal/protocol";
import type { Disk } from "@shoal/runtime";

/** Entries looked at in one folder that a user names. */
const MAX_SCANNED = 100_000;

/** A torrent of the same session, whose files may hold what another wants. */
export interface KnownTorrent {
  readonly dir: string;
  readonly metainfo: Metainfo;
}

/** The torrents whose metadata is in memory, but for one. */
export function* listOthers(
  torrents: Iterable<{ readonly dir: string; readonly metainfo: Metainfo | null }>,
  than: Metainfo,
): Generator<KnownTorrent> {
  for (const { dir, metainfo } of torrents) {
    if (metainfo !== null && metainfo !== than) yield { dir, metainfo };
  }
}

/** A file on disk that may be one of a torrent's. */
export interface ReuseSource {
  readonly root: string;
  readonly path: readonly string[];
  /** Root of its Merkle tree, where a torrent tells it (BEP 52). */
  readonly piecesRoot: Uint8Array | null;
  /** How likely it is that they have files in common: torrents that say so (BEP 38), others, folders. */
  readonly rank: 0 | 1 | 2;
}

/** Files that may be a torrent's, by their length in bytes. */
export type ReuseSources = ReadonlyMap<number, readonly ReuseSource[]>;

/** Finds files of the lengths that a torrent has: those of other torrents, and those in `folders`. */
export async function findReuseSources(init: {
  metainfo: Metainfo;
  torrents: Iterable<KnownTorrent>;
  folders: readonly string[];
  disk: Disk;
}): Promise<ReuseSources> {
  const { metainfo, torrents, folders, disk } = init;
  const lengths = new Set(metainfo.files.map((file) => file.lengthBytes));
  lengths.delete(0);
  const found = new Map<number, ReuseSource[]>();
  const add = (lengthBytes: number, source: ReuseSource): void => {
    if (!lengths.has(lengthBytes)) return;
    const sources = found.get(lengthBytes);
    if (sources === undefined) found.set(lengthBytes, [source]);
    else sources.push(source);
  };
  for (const torrent of torrents) {
    const rank = isRelated(metainfo, torrent.metainfo) ? 0 : 1;
    for (const { path, lengthBytes, piecesRoot, attributes } of torrent.metainfo.files) {
      if (attributes.symlinkTarget !== null) continue;
      add(lengthBytes, { root: torrent.dir, path, piecesRoot, rank });
    }
  }
  for (const root of folders) {
    for (const { path, lengthBytes } of await disk.list(root, MAX_SCANNED)) {
      add(lengthBytes, { root, path, piecesRoot: null, rank: 2 });
    }
  }
  return found;
}

/** BEP 38: one names the other as similar, or both are in one collection. */
function isRelated(a: Metainfo, b: Metainfo): boolean {
  if (a.collections.some((name) => b.collections.includes(name))) return true;
  return names(a, b) || names(b, a);
}

function names({ similar }: Metainfo, { v1, v2 }: Metainfo): boolean {
  const hashes = [v1?.infoHash, v2?.infoHash.subarray(0, 20)];
  return similar.some((infoHash) =>
    hashes.some((hash) => hash !== undefined && Buffer.compare(hash, infoHash) === 0),
  );
}
