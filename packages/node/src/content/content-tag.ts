import { toHex, type Metainfo } from "@shoal/protocol";

/**
 * A strong `ETag` of a file of a torrent, with its quotes: content is addressed by its hash, and so is its tag. By pieces root
 * where there is one (BEP 52), the same in every torrent that has the file.
 */
export function contentTag(metainfo: Metainfo, fileIndex: number): string {
  const root = metainfo.files[fileIndex]?.piecesRoot ?? null;
  if (root !== null) return `"${toHex(root)}"`;
  const { infoHash } = metainfo.v2 ?? metainfo.v1!;
  return `"${toHex(infoHash)}-${fileIndex}"`;
}
