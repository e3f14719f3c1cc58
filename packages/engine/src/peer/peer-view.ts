import type { Endpoint } from "@shoal/runtime";
import type { PeerSource } from "../swarm/peer-source.ts";

/** What anyone outside the engine may know of a connected peer. */
export interface PeerView {
  /** Unique within its session, never used again. */
  readonly id: number;
  /** Hex of the infohash that the connection was opened under. */
  readonly infoHash: string;
  readonly remote: Endpoint;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** The client's name and version, from its extension handshake or its peer ID. */
  readonly client: string;
  readonly incoming: boolean;
  /** Where its address came from. */
  readonly source: PeerSource;
  readonly encrypted: boolean;
  /** This side chokes the peer. */
  readonly choking: boolean;
  /** This side wants what the peer has. */
  readonly interested: boolean;
  /** The peer chokes this side. */
  readonly peerChoking: boolean;
  readonly peerInterested: boolean;
  /** The peer stopped answering requests. */
  readonly snubbed: boolean;
  /** It has everything. */
  readonly isSeed: boolean;
  /** It wants nothing more: a seed, or a partial one (BEP 21). */
  readonly uploadOnly: boolean;
  /** It had part in a bad piece, and it is being found out whether it was its fault. */
  readonly onParole: boolean;
  /** Part of the torrent that the peer has, 0 to 1. */
  readonly progress: number;
  /** Payload bytes, and bytes per second over the last seconds. */
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly downloadRate: number;
  readonly uploadRate: number;
  /** Blocks asked for and not yet here; blocks that the peer asked for and has not yet got. */
  readonly requestsSent: number;
  readonly requestsQueued: number;
}
