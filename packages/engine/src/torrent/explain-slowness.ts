import type { PeerView } from "../peer/peer-view.ts";
import type { WebSeedStatus } from "../web-seed/web-seed-status.ts";
import type { TorrentStatus } from "./status.ts";

/** Payload below this is "not moving", in bytes per second. */
const STALLED_RATE = 1024;

/**
 * Why a download is slow, in words for its user; null when there is nothing to explain.
 * @param limit Download limit in force, in bytes per second; null for none.
 */
export function explainSlowness(
  status: Omit<TorrentStatus, "slow">,
  peers: readonly PeerView[],
  webSeeds: readonly WebSeedStatus[],
  limit: number | null,
): TorrentStatus["slow"] {
  if (status.state !== "downloading" && status.state !== "metadata") return null;
  if (limit !== null && status.downloadRate > limit * 0.8) {
    return {
      reason: "rate-limited",
      text: "the download limit is reached: raise --max-down for more",
    };
  }
  if (status.downloadRate > STALLED_RATE) return null;
  if (peers.length === 0) return explainNoPeers(status, webSeeds);
  if (status.state === "metadata") {
    return { reason: "nothing-useful", text: "waiting for a peer to send the torrent's metadata" };
  }
  const useful = peers.filter((peer) => peer.interested);
  if (useful.length === 0) {
    return { reason: "nothing-useful", text: "no connected peer has a piece that is missing here" };
  }
  if (useful.every((peer) => peer.peerChoking)) {
    const text =
      useful.length === 1
        ? "the only useful peer chokes us: it uploads to others for now"
        : `all ${useful.length} useful peers choke us: they upload to others for now`;
    return { reason: "all-choked", text };
  }
  return null;
}

function explainNoPeers(
  status: Omit<TorrentStatus, "slow">,
  webSeeds: readonly WebSeedStatus[],
): TorrentStatus["slow"] {
  const active = webSeeds.find(({ state }) => state === "active");
  if (active !== undefined) {
    return { reason: "connecting", text: `waiting for web seed ${active.url}` };
  }
  const broken = webSeeds.find(({ error }) => error !== null);
  if (broken !== undefined && status.knownAddresses === 0) {
    return { reason: "web-seed-error", text: `web seed ${broken.url}: ${broken.error}` };
  }
  const failed = status.trackers.find((tracker) => tracker.error !== null);
  if (failed !== undefined && status.knownAddresses === 0) {
    return { reason: "tracker-error", text: `tracker ${failed.url}: ${failed.error}` };
  }
  if (status.connectingPeers > 0) {
    return {
      reason: "connecting",
      text: `connecting to ${status.connectingPeers} ${status.connectingPeers === 1 ? "peer" : "peers"}`,
    };
  }
  if (status.knownAddresses > 0) {
    return { reason: "no-peers", text: "none of the known peers could be reached; trying again" };
  }
  return {
    reason: "no-peers",
    text:
      "no peers are known: give one with --peer HOST:PORT, a way into the DHT with --dht-bootstrap HOST:PORT, " +
      "or add a tracker to the torrent",
  };
}
