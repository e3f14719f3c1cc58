import type { Torrent } from "@shoal/engine";
import { toHex } from "@shoal/protocol";

/** A torrent as receipts and bounties name it. */
export interface TorrentOnChain {
  /** 32 bytes: BEP 52's infohash, or BEP 3's and twelve zeros. */
  readonly torrent: Uint8Array;
  /** In bytes. */
  readonly size: bigint;
}

/**
 * By which the chain knows the torrent that a swarm shares.
 * @param infoHash The swarm's: 20 bytes in hex.
 * @returns null while its metadata is not known.
 */
export function nameOnChain(
  torrents: readonly Pick<Torrent, "metainfo">[],
  infoHash: string,
): TorrentOnChain | null {
  for (const { metainfo } of torrents) {
    for (const world of [metainfo?.v2, metainfo?.v1]) {
      if (!metainfo || !world || !toHex(world.infoHash).startsWith(infoHash)) continue;
      const torrent = new Uint8Array(32);
      torrent.set(world.infoHash);
      return { torrent, size: BigInt(metainfo.lengthBytes) };
    }
  }
  return null;
}
