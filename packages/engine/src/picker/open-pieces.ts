import { type BlockRequester, OpenPiece } from "./open-piece.ts";
import type { PickerPeer } from "./picker-peer.ts";

/** Open pieces may be so many, and half as many again as there are peers. */
const MIN_OPEN_PIECES = 4;
/** Or as many as hold so many blocks (32 MiB), whatever their number: small pieces cost little. */
const MIN_OPEN_BLOCKS = 2048;

/** All pieces under way, and the sums over them that bound their number. */
export class OpenPieces {
  /** Those that are wanted and have free blocks, oldest first. */
  readonly unfinished = new Set<OpenPiece>();
  readonly #pieces = new Map<number, OpenPiece>();
  readonly #isWanted: (piece: number) => boolean;
  #blocks = 0;
  #requestedBlocks = 0;

  constructor(isWanted: (piece: number) => boolean) {
    this.#isWanted = isWanted;
  }

  get size(): number {
    return this.#pieces.size;
  }

  get(piece: number): OpenPiece | undefined {
    return this.#pieces.get(piece);
  }

  /** In the order in which they were started. */
  values(): OpenPiece[] {
    return [...this.#pieces.values()];
  }

  open(piece: number, blockCount: number, owner: PickerPeer | undefined): OpenPiece {
    const opened = new OpenPiece(piece, blockCount, owner);
    this.#pieces.set(piece, opened);
    this.#blocks += blockCount;
    this.unfinished.add(opened);
    return opened;
  }

  close(opened: OpenPiece): void {
    this.#requestedBlocks -= opened.requested;
    opened.abortAll();
    this.#pieces.delete(opened.piece);
    this.unfinished.delete(opened);
    this.#blocks -= opened.blockCount;
  }

  /**
   * Bounds the memory of incomplete pieces, by the number of peers and by what is on its way. An idle
   * peer may always start a piece: what is open may be of no use to it.
   */
  mayOpen(peer: PickerPeer, peerCount: number): boolean {
    return (
      this.#pieces.size < MIN_OPEN_PIECES + 1.5 * peerCount ||
      this.#blocks < Math.max(MIN_OPEN_BLOCKS, 2 * this.#requestedBlocks) ||
      peer.requested === 0
    );
  }

  /** To be called when it changed whether the piece is wanted. */
  update(opened: OpenPiece): void {
    if (opened.free > 0 && this.#isWanted(opened.piece)) this.unfinished.add(opened);
    else this.unfinished.delete(opened);
  }

  /** Requests free blocks of a piece until `into` has the length `until`. */
  request(opened: OpenPiece, peer: PickerPeer, until: number, into: number[]): void {
    while (opened.free > 0 && into.length < until) {
      into.push(opened.piece, opened.requestFree(peer));
      this.#requestedBlocks++;
    }
    this.update(opened);
  }

  /** @returns whether there was such a request. */
  abort(opened: OpenPiece, block: number, peer: PickerPeer): boolean {
    const before = opened.requested;
    if (!opened.abort(block, peer)) return false;
    this.#requestedBlocks += opened.requested - before;
    this.update(opened);
    return true;
  }

  abortAll(peer: PickerPeer): void {
    for (const opened of peer.requestedPieces()) {
      for (let block = 0; block < opened.blockCount; block++) this.abort(opened, block, peer);
    }
  }

  /** @returns every peer that was asked for the block. */
  receive(opened: OpenPiece, block: number, sender: object): readonly BlockRequester[] {
    const before = opened.requested;
    const requesters = opened.receive(block, sender);
    this.#requestedBlocks += opened.requested - before;
    this.update(opened);
    return requesters;
  }

  /** What a fast peer that has left began anybody may finish. */
  disown(owner: PickerPeer): void {
    for (const opened of this.#pieces.values()) {
      if (opened.owner === owner) opened.owner = undefined;
    }
  }
}
