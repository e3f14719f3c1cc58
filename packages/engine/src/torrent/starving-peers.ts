import { allowedFastSet, type Bitfield, type Metainfo } from "@shoal/protocol";
import type { Geometry } from "../storage/geometry.ts";

/** BEP 6 suggests ten; fewer bytes are given away where pieces are large. */
const ALLOWED_PIECES = 10;
/** A peer with more pieces than this has something to trade. */
const MOST_HAD = 10;
/**
 * So many peers may take pieces while they are choked. When many come at once, one slot's worth of
 * upload for each of them would leave none for those whose turn it is.
 */
const MAX_STARVING = 2;
/** What is sent of an allowed piece, as a multiple of its length: a block may have to be asked for again. */
const MAX_SERVED_TIMES = 2;
/** Then it is somebody else's turn: a peer that never says what it has must not hold a place for ever. */
const LONGEST_MS = 120_000;

/** A peer, as {@link StarvingPeers} deals with it. */
export interface StarvingPeer {
  readonly remote: { readonly address: string };
  /** What the peer has; null while that is not known. */
  readonly have: Bitfield | null;
}

interface Allowance {
  /** Bytes that may still be sent of each allowed piece. */
  readonly leftBytes: Map<number, number>;
  /** When it was first seen by the clock; null before. */
  sinceMs: number | null;
}

/** Which peers with little to trade may take which pieces while they are choked (BEP 6, allowed fast). */
export class StarvingPeers {
  readonly #infoHash: Uint8Array;
  readonly #geometry: Pick<Geometry, "pieceCount" | "pieceLengthBytes">;
  readonly #have: Bitfield;
  readonly #peers = new Map<object, Allowance & { readonly peer: StarvingPeer }>();

  /** @param init.have What this side has. */
  constructor(init: {
    metainfo: Pick<Metainfo, "v1" | "v2">;
    geometry: Pick<Geometry, "pieceCount" | "pieceLengthBytes">;
    have: Bitfield;
  }) {
    const { v1, v2 } = init.metainfo;
    this.#infoHash = (v1 ?? v2!).infoHash.subarray(0, 20);
    this.#geometry = init.geometry;
    this.#have = init.have;
  }

  /**
   * Lets a peer take pieces while it is choked, if it starves and there is a place. Of a seed nobody
   * needs them: it gives everybody a turn, whatever they have to trade.
   * @returns The pieces.
   */
  admit(peer: StarvingPeer): readonly number[] {
    const { pieceCount, pieceLengthBytes } = this.#geometry;
    if (this.#have.isFull || isFed(peer)) return [];
    if (pieceCount <= ALLOWED_PIECES * 4 || !peer.remote.address.includes(".")) return [];
    for (const { peer: other } of this.#peers.values()) if (isFed(other)) this.end(other);
    if (this.#peers.size >= MAX_STARVING) return [];
    const pieces = allowedFastSet(peer.remote.address, this.#infoHash, pieceCount, ALLOWED_PIECES);
    const mostBytes = MAX_SERVED_TIMES * pieceLengthBytes;
    const leftBytes = new Map(pieces.map((piece) => [piece, mostBytes]));
    this.#peers.set(peer, { peer, leftBytes, sinceMs: null });
    return pieces;
  }

  /** Whether a choked peer may have these bytes of a piece; then they are counted. */
  take(peer: object, piece: number, lengthBytes: number): boolean {
    const allowance = this.#peers.get(peer);
    const leftBytes = allowance?.leftBytes.get(piece);
    if (allowance === undefined || leftBytes === undefined) return false;
    if (isFed(allowance.peer)) this.end(peer);
    else if (leftBytes >= lengthBytes) {
      allowance.leftBytes.set(piece, leftBytes - lengthBytes);
      return true;
    } else {
      allowance.leftBytes.delete(piece);
      if (allowance.leftBytes.size === 0) this.end(peer);
    }
    return false;
  }

  /** Whether the peer may take this piece while it is choked. */
  allows(peer: object, piece: number): boolean {
    return this.#peers.get(peer)?.leftBytes.has(piece) ?? false;
  }

  /** The peer gets nothing more of this: it leaves, or has to wait for its turn like others. */
  end(peer: object): void {
    this.#peers.delete(peer);
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    for (const [peer, allowance] of this.#peers) {
      allowance.sinceMs ??= nowMs;
      if (nowMs - allowance.sinceMs >= LONGEST_MS) this.end(peer);
    }
  }
}

function isFed({ have }: StarvingPeer): boolean {
  return (have?.count ?? 0) > MOST_HAD;
}
