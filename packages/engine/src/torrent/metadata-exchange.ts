import { createHash } from "node:crypto";
import {
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  MAX_METADATA_LENGTH_BYTES,
  METADATA_PIECE_LENGTH_BYTES,
} from "@shoal/protocol";
import type { Clock } from "@shoal/runtime";
import type { ExtensionPeer, ExtensionSession, PeerExtension } from "../extension/extension.ts";

/** A peer that lets a request lie so long is asked no more before the others were. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_OUTSTANDING = 8;
/** Fetched from so many peers at once: each may send up to 30 MiB of lies. */
const MAX_FETCHES = 3;
/** A peer that asks for the same metadata over and over is refused. */
const MAX_SERVED_FACTOR = 4;

/** The infohash that metadata must have. */
export interface MetadataIdentity {
  /** SHA-1, 20 bytes. */
  readonly v1: Uint8Array | null;
  /** SHA-256, 32 bytes. */
  readonly v2: Uint8Array | null;
}

/**
 * The info dictionary over the wire (BEP 9): fetches it for a magnet link, and serves it.
 *
 * Each peer's answer is gathered apart, since only the whole can be verified: a liar spoils
 * nothing but its own.
 */
export class MetadataExchange implements PeerExtension {
  readonly name = "ut_metadata";
  readonly #identity: MetadataIdentity;
  readonly #clock: Clock;
  readonly #onMetadata: (infoBytes: Uint8Array) => void;
  readonly #onLiar: (peerId: number) => void;
  /** Peers that have the metadata and were not asked yet, or not lately. */
  readonly #waiting = new Set<MetadataFetch>();
  readonly #fetching = new Set<MetadataFetch>();
  #infoBytes: Uint8Array | null;

  constructor(init: {
    identity: MetadataIdentity;
    clock: Clock;
    infoBytes: Uint8Array | null;
    /** Metadata that hashes to the identity is here. */
    onMetadata: (infoBytes: Uint8Array) => void;
    /** A peer sent metadata that does not. */
    onLiar: (peerId: number) => void;
  }) {
    this.#identity = init.identity;
    this.#clock = init.clock;
    this.#infoBytes = init.infoBytes;
    this.#onMetadata = init.onMetadata;
    this.#onLiar = init.onLiar;
  }

  get lengthBytes(): number | null {
    return this.#infoBytes?.length ?? null;
  }

  /** Metadata from elsewhere (saved state), verified like a peer's. @returns Whether it was taken. */
  give(infoBytes: Uint8Array): boolean {
    if (this.#infoBytes !== null || !this.#fits(infoBytes)) return false;
    this.#infoBytes = infoBytes;
    this.#onMetadata(infoBytes);
    return true;
  }

  attach(peer: ExtensionPeer): ExtensionSession {
    const fetch = new MetadataFetch(peer, this.#clock);
    let served = 0;

    const serve = (piece: number): void => {
      const infoBytes = this.#infoBytes;
      const count = pieceCount(infoBytes?.length ?? 0);
      const mayServe = infoBytes !== null && piece < count && ++served <= MAX_SERVED_FACTOR * count;
      peer.send(mayServe ? encodeMetadataData(piece, infoBytes) : encodeMetadataReject(piece));
    };

    const finish = (infoBytes: Uint8Array): void => {
      this.#fetching.delete(fetch);
      if (this.#infoBytes !== null) return;
      if (!this.#fits(infoBytes)) return this.#onLiar(peer.view.id);
      this.#infoBytes = infoBytes;
      this.#onMetadata(infoBytes);
    };

    return {
      onHandshake: (handshake, supported) => {
        const lengthBytes = handshake.metadataLengthBytes;
        if (!supported || lengthBytes === undefined) return;
        fetch.lengthBytes = Math.min(lengthBytes, MAX_METADATA_LENGTH_BYTES);
        this.#waiting.add(fetch);
        this.tick();
      },
      onMessage: (payload) => {
        const message = decodeMetadataMessage(payload);
        if (message.type === "request") serve(message.piece);
        else if (message.type === "data") {
          const whole = fetch.take(message.piece, message.totalLengthBytes, message.data);
          if (whole !== null) finish(whole);
        } else if (message.type === "reject" && fetch.isActive) {
          this.#stop(fetch);
        }
      },
      onClose: () => {
        this.#waiting.delete(fetch);
        this.#stop(fetch);
      },
    };
  }

  /** Called about once a second: gives up on the slow, begins with the next. */
  tick(): void {
    if (this.#infoBytes !== null) {
      this.#waiting.clear();
      return;
    }
    for (const fetch of this.#fetching) {
      if (!fetch.isStuck) continue;
      this.#stop(fetch);
      this.#waiting.add(fetch);
    }
    for (const fetch of this.#waiting) {
      if (this.#fetching.size >= MAX_FETCHES) return;
      this.#waiting.delete(fetch);
      this.#fetching.add(fetch);
      fetch.start();
    }
  }

  #stop(fetch: MetadataFetch): void {
    fetch.stop();
    this.#fetching.delete(fetch);
  }

  #fits(infoBytes: Uint8Array): boolean {
    const { v1, v2 } = this.#identity;
    return (
      (v1 === null || createHash("sha1").update(infoBytes).digest().equals(v1)) &&
      (v2 === null || createHash("sha256").update(infoBytes).digest().equals(v2))
    );
  }
}

/** The metadata as one peer sends it. Memory grows with what came, not with what was announced. */
class MetadataFetch {
  lengthBytes = 0;
  readonly #peer: ExtensionPeer;
  readonly #clock: Clock;
  #pieces: Uint8Array[] | null = null;
  #received = 0;
  #next = 0;
  #lastMs = 0;

  constructor(peer: ExtensionPeer, clock: Clock) {
    this.#peer = peer;
    this.#clock = clock;
  }

  get isActive(): boolean {
    return this.#pieces !== null;
  }

  get isStuck(): boolean {
    return this.isActive && this.#clock.monotonicMs() - this.#lastMs > REQUEST_TIMEOUT_MS;
  }

  start(): void {
    this.#pieces = [];
    this.#received = 0;
    this.#next = 0;
    this.#lastMs = this.#clock.monotonicMs();
    this.#ask();
  }

  stop(): void {
    this.#pieces = null;
  }

  /** @returns The whole metadata once all of it is here. */
  take(piece: number, totalLengthBytes: number, data: Uint8Array): Uint8Array | null {
    const pieces = this.#pieces;
    if (pieces === null || piece >= this.#next || pieces[piece] !== undefined) return null;
    if (totalLengthBytes !== this.lengthBytes) return null;
    pieces[piece] = data;
    this.#received++;
    this.#lastMs = this.#clock.monotonicMs();
    this.#ask();
    if (this.#received < pieceCount(this.lengthBytes)) return null;
    this.#pieces = null;
    return Buffer.concat(pieces);
  }

  #ask(): void {
    const count = pieceCount(this.lengthBytes);
    while (this.#next < count && this.#next - this.#received < MAX_OUTSTANDING) {
      this.#peer.send(encodeMetadataRequest(this.#next++));
    }
  }
}

function pieceCount(lengthBytes: number): number {
  return Math.ceil(lengthBytes / METADATA_PIECE_LENGTH_BYTES);
}
