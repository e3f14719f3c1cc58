import type { Endpoint } from "@shoal/runtime";
import { type Announcer, createAnnouncer, type PeerSource } from "@shoal/tracker";
import type { TorrentServices } from "./options.ts";
import { isMetainfo, tiersOf, type TorrentSource } from "./source.ts";
import type { Transfer } from "./transfer.ts";

/**
 * Begins to announce a torrent to its trackers: a magnet link's to each of them, others' to one at a time, which is
 * the only way for private torrents (BEP 27).
 */
export function announceTorrent(init: {
  services: TorrentServices;
  source: TorrentSource;
  /** Tracker URLs beside the source's own. */
  extraTiers: readonly (readonly string[])[];
  /** 20 bytes each. */
  infoHashes: readonly Uint8Array[];
  isPrivate: boolean;
  /** Null while nothing can be moved. */
  transfer: () => Transfer | null;
  leftBytes: (transfer: Transfer) => number;
  /** A tracker answered, with peers or without. */
  onPeers: (peers: readonly Endpoint[], source: PeerSource) => void;
}): Announcer {
  const { source, infoHashes } = init;
  const { clock, random, peerId, listenPort, trackerClient } = init.services;
  return createAnnouncer({
    client: trackerClient,
    clock,
    random,
    tiers: [...tiersOf(source), ...init.extraTiers],
    everyTier: !isMetainfo(source) && !init.isPrivate,
    infoHashes,
    peerId,
    port: listenPort,
    stats: () => {
      const transfer = init.transfer();
      return {
        uploadedBytes: transfer?.uploadMeter.totalBytes ?? 0,
        downloadedBytes: transfer?.downloadMeter.totalBytes ?? 0,
        leftBytes: transfer === null ? 1 : init.leftBytes(transfer),
      };
    },
    onPeers: (peers, source) => init.onPeers(peers, source),
  });
}
