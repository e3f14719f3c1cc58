const FREE = 0;
const REQUESTED = 1;
const RECEIVED = 2;

/** A piece of which blocks are requested or received, and which is not verified yet. */
export interface PartialPiece {
  readonly piece: number;
  readonly blockCount: number;
  /** Blocks that are neither requested nor received. */
  readonly free: number;
  readonly requested: number;
  readonly received: number;
  isReceived(block: number): boolean;
}

/** A peer that is asked for blocks, as the piece sees it. */
export interface BlockRequester {
  /** Names it among the senders of blocks. */
  readonly key: object;
  /** Blocks requested from it, in all pieces. */
  readonly requested: number;
  /** Keeps count of its requests in each piece. */
  countRequest(open: OpenPiece, change: 1 | -1): void;
}

/** Who asked for and who sent each block of one piece. */
export class OpenPiece implements PartialPiece {
  readonly piece: number;
  readonly blockCount: number;
  /** The fast peer that takes this piece for itself; undefined when slow peers share it. */
  owner: BlockRequester | undefined;
  /** The owner takes it alone: nobody else joins before the owner drops it or is late. */
  isAlone = false;
  /** Who sent each block. Kept when the peer leaves: it may have lied. */
  readonly contributors: (object | undefined)[];
  free: number;
  requested = 0;
  received = 0;
  readonly #states: Uint8Array;
  readonly #requesters: (BlockRequester | undefined)[];
  /** Further requesters of a block, in end game only. */
  #duplicates: Map<number, BlockRequester[]> | undefined;
  /** No block below this one is free. */
  #lowestFree = 0;

  constructor(piece: number, blockCount: number, owner: BlockRequester | undefined) {
    this.piece = piece;
    this.blockCount = blockCount;
    this.owner = owner;
    this.free = blockCount;
    this.contributors = Array<object | undefined>(blockCount).fill(undefined);
    this.#states = new Uint8Array(blockCount);
    this.#requesters = Array<BlockRequester | undefined>(blockCount).fill(undefined);
  }

  isReceived(block: number): boolean {
    return this.#states[block] === RECEIVED;
  }

  /** The first free block; -1 when there is none. */
  get firstFree(): number {
    return this.#states.indexOf(FREE, this.#lowestFree);
  }

  /** How many blocks are free in a row, from the first free one on. */
  get freeInRow(): number {
    const first = this.firstFree;
    if (first < 0) return 0;
    let end = first;
    while (this.#states[end] === FREE) end++;
    return end - first;
  }

  /** Requests the first free block. The caller knows that there is one. */
  requestFree(peer: BlockRequester): number {
    const block = this.#states.indexOf(FREE, this.#lowestFree);
    this.#lowestFree = block + 1;
    this.#states[block] = REQUESTED;
    this.#requesters[block] = peer;
    this.free--;
    this.requested++;
    peer.countRequest(this, 1);
    return block;
  }

  /** Requests a block that others were asked for already. */
  requestAgain(block: number, peer: BlockRequester): void {
    this.#duplicates ??= new Map();
    const others = this.#duplicates.get(block);
    if (others === undefined) this.#duplicates.set(block, [peer]);
    else others.push(peer);
    peer.countRequest(this, 1);
  }

  /** How many peers are asked for a block now. */
  requesterCount(block: number): number {
    if (this.#states[block] !== REQUESTED) return 0;
    return 1 + (this.#duplicates?.get(block)?.length ?? 0);
  }

  /** The peers that are asked for a block now. */
  requestersOf(block: number): readonly BlockRequester[] {
    const first = this.#requesters[block];
    return first === undefined ? [] : [first, ...(this.#duplicates?.get(block) ?? [])];
  }

  /** Whether nobody but this peer was asked for any of it, and nobody else sent any of it. */
  isOnlyOf(peer: BlockRequester): boolean {
    if (this.received + this.requested === 0) return true;
    for (let block = 0; block < this.blockCount; block++) {
      const sender = this.contributors[block];
      if (sender !== undefined && sender !== peer.key) return false;
      if (this.requestersOf(block).some((other) => other !== peer)) return false;
    }
    return true;
  }

  isRequestedBy(block: number, peer: BlockRequester): boolean {
    return (
      this.#requesters[block] === peer || this.#duplicates?.get(block)?.includes(peer) === true
    );
  }

  /** Takes back a peer's request. @returns whether it had one. */
  abort(block: number, peer: BlockRequester): boolean {
    if (!this.isRequestedBy(block, peer)) return false;
    peer.countRequest(this, -1);
    const others = this.#duplicates?.get(block);
    if (this.#requesters[block] !== peer) others!.splice(others!.indexOf(peer), 1);
    else this.#requesters[block] = others?.shift();
    if (others?.length === 0) this.#duplicates?.delete(block);
    if (this.#requesters[block] === undefined) {
      this.requested--;
      this.#setFree(block);
    }
    return true;
  }

  /** Marks a block as received. @returns every peer that was asked for it. */
  receive(block: number, sender: object): readonly BlockRequester[] {
    const requesters = this.requestersOf(block);
    if (this.#states[block] === REQUESTED) {
      for (const peer of requesters) peer.countRequest(this, -1);
      this.#requesters[block] = undefined;
      this.#duplicates?.delete(block);
      this.requested--;
    } else {
      this.free--;
    }
    this.#states[block] = RECEIVED;
    this.contributors[block] = sender;
    this.received++;
    return requesters;
  }

  /** Forgets a received block, which is then wanted again. @returns whether it was received. */
  forget(block: number): boolean {
    if (this.#states[block] !== RECEIVED) return false;
    this.contributors[block] = undefined;
    this.received--;
    this.#setFree(block);
    return true;
  }

  /** Takes back every request, of everybody. */
  abortAll(): void {
    for (let block = 0; block < this.blockCount; block++) {
      while (this.#states[block] === REQUESTED) this.abort(block, this.#requesters[block]!);
    }
  }

  #setFree(block: number): void {
    this.#states[block] = FREE;
    this.free++;
    if (block < this.#lowestFree) this.#lowestFree = block;
  }
}
