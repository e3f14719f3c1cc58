import type { Clock } from "@shoal/runtime";
import type { PeerExtension } from "../extension/extension.ts";
import type { FlowGate } from "../extension/flow-gate.ts";
import type { RateLimiter } from "../rate/rate-limiter.ts";
import type { Transfer } from "../torrent/transfer.ts";
import type { Peer } from "./peer.ts";

/** What a peer needs of the torrent around it. */
export interface PeerOwner {
  readonly clock: Clock;
  readonly gate: FlowGate;
  readonly extensions: readonly PeerExtension[];
  readonly uploadLimiter: RateLimiter;
  readonly downloadLimiter: RateLimiter;
  readonly listenPort: number;
  /** Null until the metadata is known and the files are checked. */
  readonly transfer: Transfer | null;
  /** Bytes of the info dictionary; null while it is not known. */
  readonly metadataBytes: number | null;
  onPeerClosed(peer: Peer, error: Error | null): void;
  onReadFailed(error: Error): void;
  onPeerInterest(peer: Peer): void;
  /** Nothing is to be asked of a peer that would answer, for now. */
  onPeerIdle(): void;
}
