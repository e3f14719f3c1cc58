import type { AnnounceEvent } from "@shoal/protocol";

/** A peer as it announces itself. */
export interface AnnouncedPeer {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** Compact endpoint, 6 bytes for IPv4 and 18 for IPv6. Valid only during the call. */
  readonly endpoint: Uint8Array;
  readonly event: AnnounceEvent | undefined;
  readonly leftBytes: number;
  /** Peers wanted of each family. */
  readonly numWant: number;
  /** False when only peers of the announcing family are wanted. */
  readonly wantsBothFamilies: boolean;
}

/** The figures of one torrent. */
export interface SwarmFigures {
  readonly seeders: number;
  readonly leechers: number;
  /** Downloads completed. */
  readonly completed: number;
}

export interface SwarmAnswer extends SwarmFigures {
  /** Compact endpoints, valid until the state is next called. */
  readonly peers4: Uint8Array;
  readonly peers6: Uint8Array;
}

export interface SwarmStats {
  readonly torrents: number;
  readonly peers4: number;
  readonly peers6: number;
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
