import { encodeReject, PIECE_HEADER_LENGTH_BYTES, writePieceHeader } from "@shoal/protocol";
import { SLAB_SIZES, type Clock, type Slab, type SlabPool, type Storage } from "@shoal/runtime";
import type { RateLimiter } from "../rate/rate-limiter.ts";
import { tryAcquire } from "./try-acquire.ts";

/** More queued requests than this are rejected (libtorrent's bound). */
export const MAX_QUEUED_REQUESTS = 2000;
/** A longer block is refused, as every client does. */
export const MAX_REQUEST_LENGTH_BYTES = 128 * 1024;
/** Blocks in a batch: what fits a slab of each size with headers, and one for a crawling peer. */
const BATCHES = [1, 3, 15, 64] as const;
const FIRST_BATCH = 1;
/** One batch is read while the other is sent. */
const BATCHES_IN_FLIGHT = 2;
/** A batch that drains sooner may be larger, one that takes longer should be smaller. */
const QUICK_MS = 20;
const SLOW_MS = 150;

/** What an {@link Uploader} needs around it. */
export interface UploaderOwner {
  readonly storage: Storage;
  readonly pool: SlabPool;
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  readonly fast: boolean;
  readonly pieceLengthBytes: number;
  /** @param nextBytes Length of the block that is to be sent first. */
  uploadCredit(nextBytes: number): number;
  /** Its part of a limited rate, beside those of other peers. */
  uploadWeight(): number;
  send(bytes: Uint8Array): void;
  sendPayload(bytes: Uint8Array, sent: (error: Error | null) => void): void;
  /** A block was handed to the transport. */
  onBlockSent(piece: number, begin: number, lengthBytes: number): void;
  /** Reading from disk failed. */
  onReadFailed(error: Error): void;
}

/**
 * Serves one peer's requests in their order: a batch of blocks is read by a worker into one slab,
 * with room for the headers in between, and leaves with one write.
 */
export class Uploader {
  readonly #owner: UploaderOwner;
  /** Flat triples `piece, begin, length`, from `#head` on. */
  #queue: number[] = [];
  #head = 0;
  #queuedBytes = 0;
  #inFlight = 0;
  /** Bytes being read: promised, but not yet counted by the gate. */
  #readingBytes = 0;
  /** Index into `BATCHES`. */
  #batch = FIRST_BATCH;
  #granted = 0;
  #awaitsRate = false;
  #stopWaiting: (() => void) | null = null;
  #open = false;

  constructor(owner: UploaderOwner) {
    this.#owner = owner;
  }

  get queued(): number {
    return (this.#queue.length - this.#head) / 3;
  }

  /** Payload that the peer waits for, in bytes. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Lets blocks flow (unchoke). */
  open(): void {
    this.#open = true;
    this.pump();
  }

  /** Stops serving (choke). What is queued is rejected, but for pieces that are kept (BEP 6, allowed fast). */
  shut(isKept?: (piece: number) => boolean): void {
    this.#open = isKept !== undefined;
    this.#endWait();
    this.drop((piece) => isKept?.(piece) !== true);
  }

  /** Rejects what is queued of some pieces. */
  drop(isDropped: (piece: number) => boolean): void {
    const queue = this.#queue;
    const kept: number[] = [];
    this.#queuedBytes = 0;
    for (let at = this.#head; at < queue.length; at += 3) {
      const [piece, begin, lengthBytes] = [queue[at]!, queue[at + 1]!, queue[at + 2]!];
      if (!isDropped(piece)) {
        kept.push(piece, begin, lengthBytes);
        this.#queuedBytes += lengthBytes;
      } else if (this.#owner.fast) {
        this.#owner.send(encodeReject(piece, begin, lengthBytes));
      }
    }
    this.#queue = kept;
    this.#head = 0;
  }

  enqueue(piece: number, begin: number, lengthBytes: number): void {
    this.#queue.push(piece, begin, lengthBytes);
    this.#queuedBytes += lengthBytes;
  }

  cancel(piece: number, begin: number, lengthBytes: number): void {
    const queue = this.#queue;
    for (let at = this.#head; at < queue.length; at += 3) {
      if (queue[at] !== piece || queue[at + 1] !== begin || queue[at + 2] !== lengthBytes) continue;
      queue.splice(at, 3);
      this.#queuedBytes -= lengthBytes;
      if (this.#owner.fast) this.#owner.send(encodeReject(piece, begin, lengthBytes));
      return;
    }
  }

  /** Sends what may be sent now. */
  pump(): void {
    while (this.#open && this.#inFlight < BATCHES_IN_FLIGHT && this.queued > 0) {
      const count = this.#affordable();
      if (count === 0 || !this.#sendBatch(count)) return;
    }
  }

  /** How many of the queued blocks fit the batch, the peer's credit and the rate limits. */
  #affordable(): number {
    const queue = this.#queue;
    const credit = this.#owner.uploadCredit(queue[this.#head + 2]!) - this.#readingBytes;
    const most = this.#owner.pool.isTight ? 1 : BATCHES[this.#batch]!;
    let bytes = 0;
    let count = 0;
    for (let at = this.#head; at < queue.length && count < most; at += 3, count++) {
      const next = bytes + queue[at + 2]!;
      const slabBytes = next + (count + 1) * PIECE_HEADER_LENGTH_BYTES;
      if (next > credit || slabBytes > SLAB_SIZES[3]) break;
      bytes = next;
    }
    if (count === 0) return 0;
    const { limiter } = this.#owner;
    if (this.#granted < bytes) this.#granted += limiter.take(bytes - this.#granted);
    while (count > 0 && bytes > this.#granted) {
      count--;
      bytes -= queue[this.#head + count * 3 + 2]!;
    }
    if (count === 0 && !this.#awaitsRate) {
      this.#awaitsRate = true;
      limiter.waitForMore(() => {
        this.#awaitsRate = false;
        this.pump();
      }, this.#owner.uploadWeight());
    }
    this.#granted -= bytes;
    return count;
  }

  /** @returns Whether there was memory for it. */
  #sendBatch(count: number): boolean {
    const queue = this.#queue;
    const from = this.#head;
    const to = from + count * 3;
    let payloadBytes = 0;
    for (let at = from; at < to; at += 3) payloadBytes += queue[at + 2]!;
    const lengthBytes = payloadBytes + count * PIECE_HEADER_LENGTH_BYTES;
    const slab = tryAcquire(
      this.#owner.pool,
      SLAB_SIZES.find((size) => size >= lengthBytes)!,
    );
    if (slab === null) {
      this.#granted += payloadBytes;
      this.#awaitMemory();
      return false;
    }
    const ranges: number[] = [];
    const blocks = queue.slice(from, to);
    for (let i = 0, place = 0; i < blocks.length; i += 3) {
      const [piece, begin, length] = [blocks[i]!, blocks[i + 1]!, blocks[i + 2]!];
      writePieceHeader(slab.bytes, place, piece, begin, length);
      place += PIECE_HEADER_LENGTH_BYTES;
      ranges.push(piece * this.#owner.pieceLengthBytes + begin, length, slab.offset + place);
      place += length;
    }
    this.#queuedBytes -= payloadBytes;
    this.#readingBytes += payloadBytes;
    this.#head = to;
    if (this.#head > 3 * MAX_QUEUED_REQUESTS || this.#head === queue.length) {
      this.#queue = queue.slice(this.#head);
      this.#head = 0;
    }
    this.#inFlight++;
    this.#owner.storage.read({ ranges }).then(
      () => {
        this.#readingBytes -= payloadBytes;
        this.#send(slab, lengthBytes, blocks);
      },
      (error: unknown) => {
        this.#readingBytes -= payloadBytes;
        slab.release();
        this.#inFlight--;
        this.#owner.onReadFailed(error as Error);
      },
    );
    return true;
  }

  /** Tries again when the pool has room, and no later than the next {@link pump}. */
  #awaitMemory(): void {
    this.#stopWaiting ??= this.#owner.pool.onRelief(() => {
      this.#endWait();
      this.pump();
    });
  }

  #endWait(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
  }

  #send(slab: Slab, lengthBytes: number, blocks: readonly number[]): void {
    const { clock } = this.#owner;
    const startMs = clock.monotonicMs();
    const count = blocks.length / 3;
    for (let i = 0; i < blocks.length; i += 3) {
      this.#owner.onBlockSent(blocks[i]!, blocks[i + 1]!, blocks[i + 2]!);
    }
    this.#owner.sendPayload(slab.bytes.subarray(0, lengthBytes), () => {
      slab.release();
      this.#inFlight--;
      const tookMs = clock.monotonicMs() - startMs;
      const isFull = count === BATCHES[this.#batch];
      if (tookMs > SLOW_MS) this.#batch = Math.max(0, this.#batch - 1);
      else if (tookMs < QUICK_MS && isFull)
        this.#batch = Math.min(BATCHES.length - 1, this.#batch + 1);
      this.pump();
    });
  }
}
