import type { PeerView } from "../peer/peer-view.ts";

const KEYS: Readonly<Record<keyof PeerView, true>> = {
  id: true,
  infoHash: true,
  remote: true,
  peerId: true,
  client: true,
  incoming: true,
  source: true,
  encrypted: true,
  choking: true,
  interested: true,
  peerChoking: true,
  peerInterested: true,
  snubbed: true,
  isSeed: true,
  uploadOnly: true,
  onParole: true,
  progress: true,
  downloadedBytes: true,
  uploadedBytes: true,
  downloadRate: true,
  uploadRate: true,
  requestsSent: true,
  requestsQueued: true,
};

/** A peer as it is now, as a plain value: the views of a session are live, and stay in their thread. */
export function copyPeer(peer: PeerView): PeerView {
  const entries = Object.keys(KEYS).map((key) => [key, peer[key as keyof PeerView]]);
  return Object.fromEntries(entries) as PeerView;
}
