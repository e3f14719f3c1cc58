import type { AnnounceEvent } from "@shoal/protocol";

/**
 * How a peer is reached, which is also how many bytes name it: IPv4 and IPv6 endpoints in compact
 * form, or a browser's peer by {@link WEB_PEER_BYTES}.
 */
export type PeerKind = 4 | 6 | "web";

/** A browser's peer: the 8 bytes of the tracker's node that it is connected to, and its peer ID. */
export const WEB_PEER_BYTES = 28;

/** Bytes that name a peer of each kind. */
export const PEER_BYTES = { 4: 6, 6: 18, web: WEB_PEER_BYTES } as const;

/** The kind of a peer that is named by so many bytes. */
export function kindOf(endpoint: Uint8Array): PeerKind {
  return endpoint.length === PEER_BYTES[4] ? 4 : endpoint.length === PEER_BYTES[6] ? 6 : "web";
}

/** A peer as it announces itself. */
export interface AnnouncedPeer {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** As long as its {@link PeerKind} says. Valid only during the call. */
  readonly endpoint: Uint8Array;
  readonly event: AnnounceEvent | undefined;
  readonly leftBytes: number;
  /** Peers wanted of each kind. */
  readonly numWant: number;
  /** False when only peers of the announcing kind are wanted; browsers' peers get no others. */
  readonly wantsBothFamilies: boolean;
}

/** The figures of one torrent, over peers of every kind. */
export interface SwarmFigures {
  readonly seeders: number;
  readonly leechers: number;
  /** Downloads completed. */
  readonly completed: number;
}

/** Peers are compact endpoints and names, valid until the state is next called. */
export interface SwarmAnswer extends SwarmFigures {
  readonly peers4: Uint8Array;
  readonly peers6: Uint8Array;
  /** {@link WEB_PEER_BYTES} each; only for browsers' peers. */
  readonly peersWeb: Uint8Array;
}

export interface SwarmStats {
  readonly torrents: number;
  readonly peers4: number;
  readonly peers6: number;
  readonly peersWeb: number;
}

/**
 * Who is in which swarm. A state that lies in this process answers at once, and one behind a
 * network by promises.
 */
export interface SwarmState {
  /**
   * Takes a peer in, refreshes it, or drops it when it has stopped; answers with others chosen at
   * random. Seeders are given no seeders, but for when they start; nobody is given itself.
   * @returns null when there is no room for another torrent.
   */
  announce(peer: AnnouncedPeer): SwarmAnswer | null | Promise<SwarmAnswer | null>;
  /** Zeros for a torrent that is not known. */
  scrape(infoHash: Uint8Array): SwarmFigures | Promise<SwarmFigures>;
  stats(): SwarmStats | Promise<SwarmStats>;
  close(): Promise<void>;
}

/** A seeder has no use for seeders, but aria2 says 0 left while it has only a magnet link: who starts is given all. */
export function wantsLeechersOnly({ leftBytes, event }: AnnouncedPeer): boolean {
  return leftBytes === 0 && event !== "started";
}
