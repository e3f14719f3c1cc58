import { BLOCK_LENGTH_BYTES } from "@shoal/protocol";
import type { Slab } from "@shoal/runtime";
import { protocolError } from "../errors.ts";
import type { TransferPeer } from "../torrent/transfer-peer.ts";
import type { Transfer } from "../torrent/transfer.ts";
import { BlockReceiver } from "./block-receiver.ts";

/** The block that one peer is sending: which it is, whether it is wanted, and what came of it. */
export class BlockIntake {
  piece = 0;
  block = 0;
  lengthBytes = 0;
  #isWanted = false;
  readonly #transfer: Transfer;
  readonly #receiver: BlockReceiver;

  constructor(transfer: Transfer) {
    this.#transfer = transfer;
    this.#receiver = new BlockReceiver(transfer.pool);
  }

  /** A block is on its way whose bytes are kept. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** @throws {PeerError} `protocol` when the torrent has no such block. */
  start(peer: TransferPeer, piece: number, begin: number, lengthBytes: number): void {
    const block = begin / BLOCK_LENGTH_BYTES;
    const { geometry } = this.#transfer;
    const exists = piece < geometry.pieceCount && begin < geometry.payloadOf(piece);
    if (!exists || !Number.isInteger(block) || lengthBytes !== geometry.blockLength(piece, block)) {
      throw protocolError(`a block of ${lengthBytes} bytes at ${begin} of piece ${piece}`);
    }
    this.piece = piece;
    this.block = block;
    this.lengthBytes = lengthBytes;
    this.#isWanted = this.#transfer.wantsBlock(peer, piece, block);
  }

  add(bytes: Uint8Array, from: number, lengthBytes: number, slab: Slab | null): void {
    if (this.#isWanted) this.#receiver.add(bytes, from, lengthBytes, slab);
  }

  /** The block is whole. @returns Whether it was wanted: then it is to be delivered. */
  end(): boolean {
    const wasWanted = this.#isWanted;
    this.#isWanted = false;
    return wasWanted;
  }

  /** The transfer gets it, or counts it as waste. */
  deliver(peer: TransferPeer, wasWanted: boolean): void {
    const { piece, block, lengthBytes } = this;
    if (wasWanted) this.#transfer.onBlock(peer, piece, block, this.#receiver.take());
    else this.#transfer.onWaste(lengthBytes);
  }

  /** Drops what has arrived. */
  clear(): void {
    this.#receiver.clear();
  }
}
