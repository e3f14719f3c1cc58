import type { PeerView } from "../peer/peer-view.ts";

/**
 * Credit in bytes per peer, asked at every block and in both directions. One of the openings
 * through which a layer above governs the flow without the engine knowing why.
 *
 * Every member must be fast: they are called tens of thousands of times a second.
 */
export interface FlowGate {
  /**
   * Bytes that may be sent to the peer now; asked before blocks are read. `Infinity` when there is no bound.
   * @param nextBytes Length of the block that it waits for first: what does not fit waits.
   */
  uploadCredit(peer: PeerView, nextBytes: number): number;
  /**
   * The peer's part of a limited upload rate, beside those of others; above 0, and 1 when absent. Asked when the peer waits
   * for its turn under a limit.
   */
  uploadWeight?(peer: PeerView): number;
  /**
   * Bytes that may be outstanding from the peer at once: requested and not here yet. `Infinity` when
   * there is no bound.
   *
   * A preference among peers is said with it: whoever is to be asked first has credit, and the others
   * have little or none until the first has no more to give. A peer without credit is asked nothing.
   */
  downloadCredit(peer: PeerView): number;
  /** A block's bytes were handed to the transport. */
  blockSent?(peer: PeerView, piece: number, begin: number, lengthBytes: number): void;
  /**
   * A block arrived that had been asked for, in the order of sending; nothing is known of its content yet. One that
   * crossed its cancel counts, since the other side has sent it; one that nobody asked for does not.
   */
  blockReceived?(peer: PeerView, piece: number, begin: number, lengthBytes: number): void;
  /** A block of this peer belongs to a piece that was found good, or bad. */
  blockVerified?(
    peer: PeerView,
    piece: number,
    begin: number,
    lengthBytes: number,
    ok: boolean,
  ): void;
  /** The engine hands over how to wake a peer whose credit has grown. Called once. */
  attach?(wake: (peerId: number) => void): void;
}

/** Lets everything through. */
export const openGate: FlowGate = {
  uploadCredit: () => Infinity,
  downloadCredit: () => Infinity,
};
