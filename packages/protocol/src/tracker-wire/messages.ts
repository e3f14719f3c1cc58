import type { PeerEndpoint } from "../endpoint/compact-endpoints.ts";

/** Why a client announces. Absent for the announces at the tracker's interval. */
export type AnnounceEvent = "started" | "completed" | "stopped";

/** What a client tells a tracker about itself and one torrent (BEP 3). */
export interface AnnounceRequest {
  /** 20 bytes: the v1 infohash, or the first 20 of a v2 one (BEP 52). */
  readonly infoHash: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** Where this client takes connections. */
  readonly port: number;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  readonly leftBytes: number;
  readonly event?: AnnounceEvent;
  /** Peers wanted; the tracker's choice when absent. */
  readonly numWant?: number;
  /** Unsigned 32-bit number that proves the client's identity when its address changes. */
  readonly key?: number;
  /** What the tracker's last response called `tracker id` (HTTP only). */
  readonly trackerId?: string;
  /** The client's other addresses, for trackers that follow BEP 7 (HTTP only). */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/** A peer as a tracker names it. Only responses that are not compact carry peer IDs. */
export interface TrackerPeer extends PeerEndpoint {
  /** 20 bytes. */
  readonly peerId?: Uint8Array;
}

/** What a tracker answers to an announce. */
export interface AnnounceResponse {
  readonly kind: "announce";
  /** Seconds until the client should announce again. */
  readonly intervalS: number;
  /** Seconds before which it must not. */
  readonly minIntervalS?: number;
  readonly seeders?: number;
  readonly leechers?: number;
  /** Downloads completed so far. */
  readonly completed?: number;
  readonly peers: readonly TrackerPeer[];
  /** The client's address as the tracker sees it (BEP 24). */
  readonly externalIp?: string;
  readonly warning?: string;
  /** To be sent back with the next announce (HTTP only). */
  readonly trackerId?: string;
}

/** One torrent's figures (BEP 48). */
export interface ScrapeEntry {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  readonly seeders: number;
  readonly leechers: number;
  /** Downloads completed so far. */
  readonly completed: number;
}

export interface ScrapeResponse {
  readonly kind: "scrape";
  readonly entries: readonly ScrapeEntry[];
  /** Seconds to leave between scrapes, when the tracker says so. */
  readonly minIntervalS?: number;
}

/** The tracker's refusal, in its own words. */
export interface TrackerFailure {
  readonly kind: "failure";
  readonly reason: string;
  /** Minutes to wait before the next attempt, or `"never"` (BEP 31). */
  readonly retryInMinutes?: number | "never";
}

/** Bytes of a response that are read at most. No honest one comes near: 200 IPv6 peers are 3.6 kB. */
export const MAX_TRACKER_RESPONSE_BYTES = 1024 * 1024;

/** Peers of one response that are kept at most; clients ask for 50 to 200. */
export const MAX_TRACKER_PEERS = 2000;

/** Infohashes of one scrape that are sent or taken at most: what BEP 15 fits into one datagram. */
export const MAX_SCRAPE_INFO_HASHES = 74;
