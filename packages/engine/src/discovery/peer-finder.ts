import type { Endpoint } from "@shoal/runtime";
import type { PeerSource } from "../swarm/peer-source.ts";

/** What finding a torrent's peers without a server needs of it. */
export interface SoughtTorrent {
  /** 20 bytes each: v1, then v2 truncated. */
  readonly swarmHashes: readonly Uint8Array[];
  readonly isPrivate: boolean;
  readonly isComplete: boolean;
  /** What moves data; null while the torrent sleeps. */
  readonly active: {
    readonly swarm: { readonly peers: { readonly size: number } };
    addPeers(peers: readonly Endpoint[], source: PeerSource, infoHash: Uint8Array): void;
  } | null;
  /** Wakes it, if it sleeps. */
  addPeers(peers: readonly Endpoint[], source: PeerSource, infoHash: Uint8Array): void;
}

/** Finds peers without a server, and lets them find this side: the DHT, local discovery. */
export interface PeerFinder {
  /**
   * A torrent runs, and is looked for from now on; private ones never are (BEP 27).
   * @returns What ends it.
   */
  add(torrent: SoughtTorrent): () => void;
}
