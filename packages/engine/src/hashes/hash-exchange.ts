import {
  describePiece,
  encodeHashes,
  encodeHashReject,
  encodeHashRequest,
  type HashRange,
  infoHashHex,
  type Metainfo,
} from "@shoal/protocol";
import type { PieceCheck } from "@shoal/runtime";
import { protocolError } from "../errors.ts";
import type { TransferPeer } from "../torrent/transfer-peer.ts";
import { answerHashRequest } from "./answer-hash-request.ts";
import { createHashPicker, type HashPicker } from "./hash-picker.ts";
import { judgeVersions, type PieceJudgement } from "./suspect-blocks.ts";

/** Leaves are hashed from disk: a peer waits for one answer before the next is worked on. */
const MAX_LEAF_ANSWERS_PER_PEER = 4;
/** Failed pieces whose leaves are awaited; older ones are forgotten. */
const MAX_FAILED_PIECES = 64;

/** A piece that failed, while it is being found out who lied. */
interface FailedPiece {
  /** SHA-256 of each block as it came. */
  readonly leaves: Uint8Array;
  /** IP address of each block's sender. */
  readonly senders: readonly (string | undefined)[];
}

/** The exchange of BEP 52 hashes with a torrent's peers, both ways. */
export class HashExchange {
  readonly #metainfo: Metainfo;
  /** By the hex of the pieces root; grows as layers arrive. */
  readonly #layers: Map<string, Uint8Array>;
  readonly #hasPiece: (piece: number) => boolean;
  readonly #hashPiece: (piece: number, check: PieceCheck) => Promise<Uint8Array | undefined>;
  readonly #onJudged: (piece: number, judgement: PieceJudgement) => void;
  readonly #picker: HashPicker;
  readonly #answering = new Map<TransferPeer, number>();
  readonly #failed = new Map<number, FailedPiece>();

  constructor(init: {
    metainfo: Metainfo;
    layers: Map<string, Uint8Array>;
    hasPiece: (piece: number) => boolean;
    /** SHA-256 of each block of a piece on disk; undefined when it is not good any more. */
    hashPiece: (piece: number, check: PieceCheck) => Promise<Uint8Array | undefined>;
    /** Another file's pieces can be verified now. */
    onLayer: () => void;
    /** It is proven who sent the bad blocks of a piece. */
    onJudged: (piece: number, judgement: PieceJudgement) => void;
  }) {
    this.#metainfo = init.metainfo;
    this.#layers = init.layers;
    this.#hasPiece = init.hasPiece;
    this.#hashPiece = init.hashPiece;
    this.#onJudged = init.onJudged;
    this.#picker = createHashPicker({
      metainfo: init.metainfo,
      onLayer: (fileIndex, layer) => {
        this.#layers.set(infoHashHex(init.metainfo.files[fileIndex]!.piecesRoot!), layer);
        init.onLayer();
      },
      onLeaves: (piece, leaves) => this.#judge(piece, leaves),
    });
  }

  /** Sends a peer what is to be asked of it now. To be called about once a second, and when it is new. */
  ask(peer: TransferPeer, nowMs: number): void {
    if (peer.have === null || (this.#picker.isComplete && this.#failed.size === 0)) return;
    for (const range of this.#picker.pick(peer, peer.have, nowMs)) {
      peer.send(encodeHashRequest(range));
    }
  }

  /** A piece failed and several peers had part in it: its leaves will tell who lied. */
  investigate(piece: number, leaves: Uint8Array, senders: readonly (string | undefined)[]): void {
    const { merkle } = describePiece(this.#metainfo, piece, this.#layers);
    if (merkle === null) return;
    if (this.#failed.size >= MAX_FAILED_PIECES) {
      this.#failed.delete(this.#failed.keys().next().value!);
    }
    this.#failed.set(piece, { leaves, senders });
    this.#picker.requestLeaves(piece, merkle);
  }

  onRequest(peer: TransferPeer, range: HashRange): void {
    const answer = this.#answer(range);
    if (answer.type === "hashes") peer.send(encodeHashes(range, answer.hashes));
    else if (answer.type === "leaves") void this.#answerLeaves(peer, range, answer.piece);
    else peer.send(encodeHashReject(range));
  }

  /** @throws {PeerError} when the proof fails: the peer lied. */
  onHashes(peer: TransferPeer, range: HashRange, hashes: Uint8Array): void {
    if (this.#picker.received(peer, range, hashes) === "bad") {
      throw protocolError("hashes whose proof does not hold");
    }
  }

  onReject(peer: TransferPeer, range: HashRange): void {
    this.#picker.rejected(peer, range);
  }

  removePeer(peer: TransferPeer): void {
    this.#picker.removePeer(peer);
    this.#answering.delete(peer);
  }

  #answer(range: HashRange, leaves?: Uint8Array): ReturnType<typeof answerHashRequest> {
    return answerHashRequest({
      metainfo: this.#metainfo,
      pieceLayers: this.#layers,
      hasPiece: this.#hasPiece,
      range,
      ...(leaves === undefined ? {} : { leaves }),
    });
  }

  async #answerLeaves(peer: TransferPeer, range: HashRange, piece: number): Promise<void> {
    const waiting = this.#answering.get(peer) ?? 0;
    if (waiting >= MAX_LEAF_ANSWERS_PER_PEER) return peer.send(encodeHashReject(range));
    this.#answering.set(peer, waiting + 1);
    let leaves: Uint8Array | undefined;
    try {
      const { offsetBytes, lengthBytes, merkle } = describePiece(
        this.#metainfo,
        piece,
        this.#layers,
      );
      if (merkle !== null) {
        leaves = await this.#hashPiece(piece, {
          offsetBytes,
          lengthBytes,
          merkle,
          wantLeaves: true,
        });
      }
    } catch {
      // The file cannot be read any more: then there is no answer, and serving its blocks will tell the user.
      leaves = undefined;
    }
    if (!this.#answering.has(peer)) return;
    this.#answering.set(peer, this.#answering.get(peer)! - 1);
    const answer = leaves === undefined ? null : this.#answer(range, leaves);
    if (answer?.type === "hashes") peer.send(encodeHashes(range, answer.hashes));
    else peer.send(encodeHashReject(range));
  }

  #judge(piece: number, expected: Uint8Array): void {
    const failed = this.#failed.get(piece);
    this.#failed.delete(piece);
    if (failed === undefined) return;
    const judgement = judgeVersions([failed], expected);
    if (judgement.guilty.size > 0) this.#onJudged(piece, judgement);
  }
}
