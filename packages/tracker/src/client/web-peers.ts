import type { SessionDescription, WebSocketOffer } from "@shoal/protocol";

/**
 * Whoever makes and takes WebRTC connections. WebSocket trackers name no addresses: they carry this
 * side's offers to others, and others' to this side. No promise of these is ever rejected.
 */
export interface WebPeers {
  /** Whether connections can be made at all: where not, such trackers are not asked. */
  isAvailable(): Promise<boolean>;
  /**
   * Makes offers for the tracker to hand out, each to another peer. Those that stay without an answer are
   * given up by whoever made them.
   * @param count How many at most; there may be fewer.
   */
  createOffers(infoHash: Uint8Array, count: number): Promise<readonly WebSocketOffer[]>;
  /** Answers a peer's offer; null when there is no room for one more, or it makes no sense. */
  answer(infoHash: Uint8Array, offer: SessionDescription): Promise<SessionDescription | null>;
  /** A peer has answered an offer of {@link createOffers}; what was never offered is ignored. */
  accept(infoHash: Uint8Array, offerId: Uint8Array, answer: SessionDescription): void;
}
