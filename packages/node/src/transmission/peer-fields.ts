import type { Answer } from "@shoal/api";
import { type Dialect, spellKeys } from "./names.ts";

type Peer = Answer<"listPeers">["peers"][number];

export function describePeers(peers: readonly Peer[], dialect: Dialect): unknown[] {
  return peers.map((peer) =>
    spellKeys(
      {
        address: peer.address,
        client_is_choked: peer.peerChoking,
        client_is_interested: peer.interested,
        client_name: peer.client,
        flag_str: toFlags(peer),
        is_downloading_from: peer.interested && !peer.peerChoking,
        is_encrypted: peer.encrypted,
        is_incoming: peer.incoming,
        is_uploading_to: peer.peerInterested && !peer.choking,
        is_utp: false,
        peer_is_choked: peer.choking,
        peer_is_interested: peer.peerInterested,
        port: peer.port,
        progress: peer.progress,
        rate_to_client: Math.round(peer.downloadRate),
        rate_to_peer: Math.round(peer.uploadRate),
      },
      "part",
      dialect,
    ),
  );
}

/** Letters that Transmission shows beside a peer. @see docs/Peer-Status-Text.md */
function toFlags(peer: Peer): string {
  const downloads = peer.peerChoking ? "d" : "D";
  const uploads = peer.choking ? "u" : "U";
  return [
    peer.interested ? downloads : peer.peerChoking ? "" : "K",
    peer.peerInterested ? uploads : peer.choking ? "" : "?",
    peer.encrypted ? "E" : "",
    peer.source === "dht" ? "H" : "",
    peer.source === "pex" ? "X" : "",
    peer.incoming ? "I" : "",
  ].join("");
}

/** The engine's sources by Transmission's names; of others no field tells. */
const SOURCES: Readonly<Record<string, string>> = {
  resume: "from_cache",
  dht: "from_dht",
  incoming: "from_incoming",
  lsd: "from_lpd",
  pex: "from_pex",
  tracker: "from_tracker",
};

export function countSources(peers: readonly Peer[], dialect: Dialect): Record<string, unknown> {
  const counts: Record<string, number> = {
    from_cache: 0,
    from_dht: 0,
    from_incoming: 0,
    from_lpd: 0,
    from_ltep: 0,
    from_pex: 0,
    from_tracker: 0,
  };
  for (const { source, incoming } of peers) {
    const name = incoming ? "from_incoming" : SOURCES[source];
    if (name !== undefined) counts[name]! += 1;
  }
  return spellKeys(counts, "part", dialect);
}
