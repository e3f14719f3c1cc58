import type { Clock, Endpoint } from "@shoal/runtime";
import type { OwnPorts } from "../discovery/own-ports.ts";
import type { DhtLink } from "../discovery/dht-link.ts";
import type { PeerExtension } from "../extension/extension.ts";
import type { FlowGate } from "../extension/flow-gate.ts";
import type { RateLimiter } from "../rate/rate-limiter.ts";
import type { PieceNews } from "../swarm/piece-news.ts";
import type { Transfer } from "../torrent/transfer.ts";

/** What a peer may move, in both directions. */
export interface PeerLimiters {
  readonly upload: RateLimiter;
  readonly download: RateLimiter;
}

/**
 * What a peer needs of the torrent around it.
 * @typeParam Peer What names itself when it calls.
 */
export interface PeerOwner<Peer> {
  readonly clock: Clock;
  readonly gate: FlowGate;
  readonly extensions: readonly PeerExtension[];
  /** The limits that hold for a peer at this address. */
  limitersFor(endpoint: Endpoint): PeerLimiters;
  readonly ports: OwnPorts;
  /** Null when peers are not to hear of a DHT node here, nor to tell of theirs. */
  readonly dht: DhtLink | null;
  /** Null until the metadata is known and the files are checked. */
  readonly transfer: Transfer | null;
  /** Bytes of the info dictionary; null while it is not known. */
  readonly metadataBytes: number | null;
  /** This side tells others that it wants nothing more (BEP 21). */
  readonly uploadOnly: boolean;
  readonly prefersEncryption: boolean;
  /** Super seeding: peers are told of no piece before it is theirs (BEP 16). */
  readonly hidesPieces: boolean;
  /** The pieces that came lately. */
  readonly news: PieceNews;
  /** Canonical peer priority (BEP 40). */
  priorityOf(endpoint: Endpoint): number;
  onPeerClosed(peer: Peer, error: Error | null): void;
  onReadFailed(error: Error): void;
  onPeerInterest(peer: Peer): void;
  /** A peer told of itself. `yourIp` is what it sees this side as, if it said so. */
  onPeerTraits(peer: Peer, yourIp?: string): void;
  onPeerHave(peer: Peer, piece: number): void;
  /** Nothing is to be asked of a peer that would answer, for now. */
  onPeerIdle(peer: Peer): void;
}
