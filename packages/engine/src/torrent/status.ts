import type { PeerView } from "../peer/peer-view.ts";
import type { ReusedFile } from "../reuse/reuse-files.ts";
import type { WebSeedStatus } from "../web-seed/web-seed-status.ts";
import type { TrackerStatus } from "@shoal/tracker";
import type { FilePriority } from "./file-priority.ts";

/**
 * `metadata`: fetching the info dictionary of a magnet link. `checking`: hashing what is on disk.
 * `queued`: waits for others of the session (see `QueueLimits`). `error`: stopped until its user mends the cause and resumes it.
 */
export type TorrentState =
  | "metadata"
  | "checking"
  | "downloading"
  | "seeding"
  | "queued"
  | "paused"
  | "error"
  | "closed";

export interface FileStatus {
  /** Below the download folder. */
  readonly path: readonly string[];
  readonly lengthBytes: number;
  /** Whether its priority is above 0. */
  readonly wanted: boolean;
  /** 0: skipped; of the others the higher comes first; 4 is normal. */
  readonly priority: FilePriority;
  /** Verified bytes, also of pieces that it shares with others. */
  readonly doneBytes: number;
}

/** Why a download is not as fast as it could be. */
export type SlowReason =
  | "no-peers"
  | "connecting"
  | "all-choked"
  | "nothing-useful"
  | "tracker-error"
  | "web-seed-error"
  | "rate-limited"
  | "disk";

export interface TorrentStatus {
  readonly infoHash: string;
  readonly name: string;
  readonly state: TorrentState;
  /** What stopped it, in state `error`. */
  readonly error: Error | null;
  /** Bytes that are wanted, and how many of them are verified on disk. 0 while the metadata is missing. */
  readonly wantedBytes: number;
  readonly verifiedBytes: number;
  readonly pieceCount: number;
  readonly verifiedPieces: number;
  /** Part of the check that is done, 0 to 1; 1 outside of state `checking`. */
  readonly checked: number;
  /** Part of a move to another folder that is done, 0 to 1; null when none is under way. */
  readonly moving: number | null;
  /** Payload of this run. */
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  /** Received in vain: duplicates and bad pieces. */
  readonly wastedBytes: number;
  readonly failedPieces: number;
  /** Bytes per second over the last seconds. */
  readonly downloadRate: number;
  readonly uploadRate: number;
  /** Seconds until all wanted bytes are here, at this rate; null when that cannot be said. */
  readonly etaS: number | null;
  readonly connectedPeers: number;
  /** Peers that have everything, and those that lack something. */
  readonly connectedSeeds: number;
  readonly connectedLeechers: number;
  /**
   * Distributed copies: how often each piece is to be had here and from connected peers, at the least, and behind
   * the point the part of the pieces that there are more copies of. Below 1 the swarm here lacks pieces.
   */
  readonly availability: number;
  readonly connectingPeers: number;
  readonly knownAddresses: number;
  readonly trackers: readonly TrackerStatus[];
  /** Null when it is as fast as its peers let it, or not downloading. */
  readonly slow: { readonly reason: SlowReason; readonly text: string } | null;
  /** Over all runs. */
  readonly totals: TorrentTotals;
  readonly category: string | null;
  /** Waits in the session's queue; see `Torrent.setAutoManaged`. */
  readonly autoManaged: boolean;
  /** See `Torrent`: some of these figures are 0 meanwhile. */
  readonly isAsleep: boolean;
}

/** What a torrent has done over all runs. Dates are milliseconds since 1970. */
export interface TorrentTotals {
  readonly addedAtMs: number;
  /** Null while it is not complete. */
  readonly completedAtMs: number | null;
  /** Payload. */
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  /** Time of downloading or seeding. */
  readonly activeMs: number;
  readonly seedingMs: number;
  /** Bytes uploaded for each byte downloaded, or for each byte that was here already if that is more. */
  readonly ratio: number;
}

export type TorrentEvent =
  | { readonly type: "state"; readonly state: TorrentState }
  | { readonly type: "metadata" }
  | { readonly type: "checked"; readonly verifiedPieces: number; readonly pieceCount: number }
  | { readonly type: "piece"; readonly piece: number }
  | { readonly type: "piece-failed"; readonly piece: number; readonly peers: readonly string[] }
  /** A piece that was here turned out to be bad on disk; it is downloaded again. */
  | { readonly type: "piece-lost"; readonly piece: number }
  | { readonly type: "complete" }
  /** The torrent's files lie in another folder now. */
  | { readonly type: "moved"; readonly dir: string }
  | { readonly type: "peer-connected"; readonly peer: PeerView }
  | { readonly type: "peer-disconnected"; readonly peer: PeerView; readonly error: Error | null }
  | { readonly type: "peer-banned"; readonly address: string; readonly reason: string }
  /** A file was found elsewhere on disk, and copied into place. What of it is good the check tells. */
  | { readonly type: "reused"; readonly file: ReusedFile }
  /** The state of a web seed has changed. */
  | { readonly type: "web-seed"; readonly webSeed: WebSeedStatus }
  | { readonly type: "error"; readonly error: Error };
