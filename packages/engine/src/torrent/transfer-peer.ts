import type { Bitfield } from "@shoal/protocol";
import type { PeerView } from "../peer/peer-view.ts";

/** A peer as a {@link Transfer} deals with it. */
export interface TransferPeer extends PeerView {
  readonly isWebSeed?: never;
  readonly isClosed: boolean;
  /** What the peer has; null while the number of pieces is not known. */
  readonly have: Bitfield | null;
  send(bytes: Uint8Array): void;
  /** Another peer delivered this block. */
  cancelRequest(piece: number, block: number): void;
  updateInterest(): void;
  /** Tries again both ways. */
  wake(): void;
  /** What a block takes that is asked for now, in milliseconds; for ever when the peer gives none. */
  readonly blockMs: number;
  /** Whether an idle peer that takes `otherMs` for a block should be asked for what this one was. */
  isLate(nowMs: number, otherMs: number): boolean;
  /** Reads once more although memory is short. */
  nudge(): void;
}
