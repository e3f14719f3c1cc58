import type { Answer, TorrentFile, TorrentPeer, TorrentTracker, TorrentWebSeed } from "@shoal/api";
import type { FileStatus, PeerView, Torrent } from "@shoal/engine";
import type { Metainfo } from "@shoal/protocol";

/** What browsers play: MP4, WebM, Ogg, MP3, FLAC, WAV. */
const MEDIA = /\.(?:mp4|m4v|mov|webm|mkv|ogv|ogg|oga|opus|mp3|m4a|aac|flac|wav)$/i;
const NORMAL = 4;

export function describeFiles(files: readonly FileStatus[]): TorrentFile[] {
  return files.map(({ path, lengthBytes, doneBytes, priority }, index) => {
    const name = path.join("/");
    return { index, path: name, lengthBytes, doneBytes, priority, isMedia: MEDIA.test(name) };
  });
}

/** The files of a torrent whose parts that would know better are not there. */
export function describeListedFiles({ files }: Metainfo, isComplete: boolean): TorrentFile[] {
  return describeFiles(
    files.map(({ path, lengthBytes }) => {
      const doneBytes = isComplete ? lengthBytes : 0;
      return { path, lengthBytes, wanted: true, priority: NORMAL, doneBytes };
    }),
  );
}

export function describePeer(peer: PeerView): TorrentPeer {
  const { id, remote, client, incoming, encrypted, source, progress } = peer;
  const { choking, interested, peerChoking, peerInterested, snubbed, isSeed } = peer;
  return {
    id,
    address: remote.address,
    port: remote.port,
    client,
    incoming,
    encrypted,
    source,
    progress,
    downloadRate: Math.round(peer.downloadRate),
    uploadRate: Math.round(peer.uploadRate),
    downloadedBytes: peer.downloadedBytes,
    uploadedBytes: peer.uploadedBytes,
    choking,
    interested,
    peerChoking,
    peerInterested,
    snubbed,
    isSeed,
  };
}

/** Trackers with how they answered; those of a torrent that does not announce itself are idle. */
export function describeTrackers(torrent: Torrent): TorrentTracker[] {
  const { trackers } = torrent.status();
  if (trackers.length > 0) {
    return trackers.map(({ url, tier, state, seeders, leechers, error, ...dates }) => {
      const { lastAnnounceMs, nextAnnounceMs } = dates;
      return { url, tier, state, seeders, leechers, lastAnnounceMs, nextAnnounceMs, error };
    });
  }
  const dates = { lastAnnounceMs: null, nextAnnounceMs: null };
  const idle = { state: "idle", seeders: null, leechers: null, ...dates, error: null };
  return torrent.trackerTiers.flatMap((urls, tier) => urls.map((url) => ({ url, tier, ...idle })));
}

export function describeWebSeeds(torrent: Torrent): TorrentWebSeed[] {
  const known = torrent.webSeeds();
  if (known.length > 0) {
    return known.map(({ url, state, downloadRate, downloadedBytes, error }) => {
      return { url, state, downloadRate: Math.round(downloadRate), downloadedBytes, error };
    });
  }
  return torrent.webSeedUrls.map((url) => {
    return { url, state: "idle", downloadRate: 0, downloadedBytes: 0, error: null };
  });
}

/** Which pieces are here, and how many peers have each. Of one that sleeps or waits its figures say what can be said. */
export function describePieces(torrent: Torrent): Answer<"getPieces"> {
  const known = torrent.pieces();
  const { pieceCount, verifiedPieces } = torrent.status();
  const have = known?.have ?? new Uint8Array(Math.ceil(pieceCount / 8));
  if (known === null && pieceCount > 0 && verifiedPieces === pieceCount) {
    have.fill(0xff);
    have[have.length - 1] = 0xff << (have.length * 8 - pieceCount);
  }
  return {
    pieceCount,
    have: Buffer.from(have).toString("base64"),
    availability: Buffer.from(known?.availability ?? new Uint8Array(pieceCount)).toString("base64"),
  };
}
