import type { TransferPeer } from "./transfer-peer.ts";

/** Whoever sends blocks, as a `Transfer` deals with it: a peer, or one connection to a web seed. */
export type BlockSender = TransferPeer | WebSender;

/** A connection to a web seed (BEP 19). */
export interface WebSender {
  readonly isWebSeed: true;
  /** Its URL stands where peers have their address: blame and trust go by it. */
  readonly remote: { readonly address: string };
  readonly isClosed: boolean;
  /** Another sender delivered this block. */
  cancelRequest(piece: number, block: number): void;
}
