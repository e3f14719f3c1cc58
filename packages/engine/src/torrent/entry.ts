import type { Endpoint } from "@shoal/runtime";
import type { ShareLimits } from "../session/share-limits.ts";
import type { SavedTotals } from "./totals.ts";

/** What is known of a torrent's progress while it sleeps. */
export interface TorrentSummary {
  readonly wantedBytes: number;
  readonly verifiedBytes: number;
  readonly pieceCount: number;
  readonly verifiedPieces: number;
  readonly isComplete: boolean;
  readonly isPrivate: boolean;
}

export const NOTHING_KNOWN: TorrentSummary = {
  wantedBytes: 0,
  verifiedBytes: 0,
  pieceCount: 0,
  verifiedPieces: 0,
  isComplete: false,
  isPrivate: false,
};

/** A torrent as a session keeps it over restarts: everything but its metadata, which is large. */
export interface TorrentEntry {
  readonly infoHash: string;
  /** Hex of the whole infohashes. */
  readonly v1: string | null;
  readonly v2: string | null;
  readonly dir: string;
  readonly name: string;
  /** The link that it was added from. */
  readonly magnet: string | null;
  /** Its own trackers by tier, and those that were added. */
  readonly trackers: readonly (readonly string[])[];
  readonly moreTrackers: readonly (readonly string[])[];
  readonly webSeeds: readonly string[];
  readonly moreWebSeeds: readonly string[];
  /** Peers to ask beside those that trackers name. */
  readonly peers: readonly Endpoint[];
  /** Null: what the resume data says. */
  readonly sequential: boolean | null;
  readonly endsFirst: boolean | null;
  readonly downloadLimit: number | null;
  readonly uploadLimit: number | null;
  readonly category: string | null;
  readonly shareLimits: ShareLimits;
  readonly autoManaged: boolean;
  readonly paused: boolean;
  readonly superSeeding: boolean;
  readonly peerExchange: boolean | null;
  /** Its place in the queue is by this number; gaps mean nothing. */
  readonly order: number;
  readonly totals: SavedTotals;
  readonly summary: TorrentSummary;
}
