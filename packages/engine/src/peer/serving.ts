import {
  encodeAllowedFast,
  encodeChoke,
  encodeReject,
  encodeSuggest,
  encodeUnchoke,
} from "@shoal/protocol";
import { protocolError } from "../errors.ts";
import type { FlowGate } from "../extension/flow-gate.ts";
import type { StarvingPeer } from "../torrent/starving-peers.ts";
import type { Transfer } from "../torrent/transfer.ts";
import type { PeerView } from "./peer-view.ts";
import type { SuggestedPeer } from "./suggestions.ts";
import {
  MAX_QUEUED_REQUESTS,
  MAX_REQUEST_LENGTH_BYTES,
  Uploader,
  type UploaderOwner,
} from "./uploader.ts";

/**
 * Requests that may come while the peer is choked before it is taken for hostile (libtorrent's bound),
 * beside those that may have been on their way when it was choked.
 */
const MAX_CHOKED_REQUESTS = 300;

/** What {@link Serving} needs of its peer. */
export interface ServingOwner extends Omit<
  UploaderOwner,
  "storage" | "pool" | "pieceLengthBytes" | "uploadCredit" | "uploadWeight"
> {
  readonly gate: FlowGate;
}

/** A peer, as {@link Serving} deals with it. */
export type ServedPeer = SuggestedPeer & StarvingPeer & PeerView;

/** What a peer gets from this side: whether it is choked, and which requests are served. */
export class Serving {
  /** This side chokes the peer. */
  choking = true;
  readonly #transfer: Transfer;
  readonly #peer: ServedPeer;
  readonly #fast: boolean;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #uploader: Uploader;
  /** Super seeding: the pieces that the peer was told of; null when it may ask for all. */
  #revealed: Set<number> | null = null;
  #chokedRequests = 0;

  constructor(transfer: Transfer, peer: ServedPeer, owner: ServingOwner) {
    this.#peer = peer;
    this.#transfer = transfer;
    this.#fast = owner.fast;
    this.#send = (bytes) => owner.send(bytes);
    const { storage, pool, geometry } = transfer;
    const { pieceLengthBytes } = geometry;
    const { gate } = owner;
    this.#uploader = new Uploader({
      ...owner,
      storage,
      pool,
      pieceLengthBytes,
      uploadCredit: (nextBytes) => gate.uploadCredit(peer, nextBytes),
      uploadWeight: () => gate.uploadWeight?.(peer) ?? 1,
    });
  }

  /** Requests that wait to be answered. */
  get queued(): number {
    return this.#uploader.queued;
  }

  /** A peer with little to trade may have a few pieces at once (BEP 6). */
  feed(): void {
    const pieces = this.#fast ? this.#transfer.starving.admit(this.#peer) : [];
    if (pieces.length === 0) return;
    for (const piece of pieces) this.#send(encodeAllowedFast(piece));
    this.#uploader.open();
  }

  /** Super seeding: serves nothing that is not revealed from here on. */
  hideAll(): void {
    this.#revealed = new Set();
    this.#transfer.starving.end(this.#peer);
    this.#uploader.drop(() => true);
  }

  /** The peer may ask for this piece. */
  reveal(piece: number): void {
    this.#revealed?.add(piece);
  }

  /** The peer may ask for everything. @returns What it was told of before. */
  showAll(): ReadonlySet<number> {
    const revealed = this.#revealed ?? new Set();
    this.#revealed = null;
    return revealed;
  }

  /** A piece is gone: requests for it are not served. */
  drop(piece: number): void {
    this.#uploader.drop((queued) => queued === piece);
  }

  unchoke(): void {
    if (!this.choking) return;
    this.choking = false;
    this.#suggest();
    this.#send(encodeUnchoke());
    this.#uploader.open();
  }

  choke(): void {
    if (this.choking) return;
    this.choking = true;
    // A far, fast peer has as many requests on their way as it was told that it may (`reqq`).
    this.#chokedRequests = -MAX_QUEUED_REQUESTS;
    this.#send(encodeChoke());
    this.#transfer.suggestions.stopped(this.#peer);
    this.#uploader.shut((piece) => this.#transfer.starving.allows(this.#peer, piece));
  }

  /** @throws {PeerError} `protocol` for a request that no honest peer sends. */
  request(piece: number, begin: number, lengthBytes: number): void {
    const { geometry, have } = this.#transfer;
    const isSane =
      piece < geometry.pieceCount &&
      lengthBytes > 0 &&
      lengthBytes <= MAX_REQUEST_LENGTH_BYTES &&
      begin + lengthBytes <= geometry.askableOf(piece);
    if (!isSane) {
      throw protocolError(`a request for ${lengthBytes} bytes at ${begin} of piece ${piece}`);
    }
    const { starving } = this.#transfer;
    const isAllowed = !this.choking || starving.take(this.#peer, piece, lengthBytes);
    if (!isAllowed && ++this.#chokedRequests > MAX_CHOKED_REQUESTS) {
      throw protocolError(`more than ${MAX_CHOKED_REQUESTS} requests while choked`);
    }
    const isShown = this.#revealed === null || this.#revealed.has(piece);
    if (isAllowed && isShown && have.has(piece) && this.#uploader.queued < MAX_QUEUED_REQUESTS) {
      this.#uploader.enqueue(piece, begin, lengthBytes);
      if (have.isFull && this.#transfer.suggestions.requested(this.#peer, piece)) this.#suggest();
    } else if (this.#fast) {
      this.#send(encodeReject(piece, begin, lengthBytes));
    }
  }

  cancel(piece: number, begin: number, lengthBytes: number): void {
    this.#uploader.cancel(piece, begin, lengthBytes);
  }

  /** A seed says which pieces it would best be asked for. */
  #suggest(): void {
    const { suggestions, have } = this.#transfer;
    if (!this.#fast || !have.isFull || this.#revealed !== null) return;
    for (const piece of suggestions.next(this.#peer)) this.#send(encodeSuggest(piece));
  }

  /** Sends what may be sent now. */
  pump(): void {
    this.#uploader.pump();
  }

  close(): void {
    this.#transfer.starving.end(this.#peer);
    this.#uploader.shut();
  }
}
