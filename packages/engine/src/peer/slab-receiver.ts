import { SLAB_SIZES, type Slab, type SlabPool, type StreamSocket } from "@shoal/runtime";
import { tryAcquire } from "./try-acquire.ts";

/** Takes what a {@link SlabReceiver} reads. */
export interface ReceivedBytes {
  /**
   * `bytes[from]` up to `bytes[to]` arrived. `slab` is the slab that `bytes` belongs to, which
   * who keeps a part must retain; null when the memory is private and soon used again.
   */
  onBytes(bytes: Uint8Array, from: number, to: number, slab: Slab | null): void;
  onEnded(): void;
  onClosed(error: Error | null): void;
}

/** A peer that owes nothing sends only small messages: it is read into memory of its own. */
const PRIVATE_BUFFER_BYTES = 2048;

/** What is left of a slab is given up when a read could get less than this, or a quarter of the slab. */
const LEAST_READ_BYTES = 8 * 1024;

/**
 * Receives a peer's bytes into slabs of the shared pool, so that payload is never copied: blocks
 * keep references to the slabs that their bytes lie in.
 *
 * Slabs are used only while payload is expected. Their size follows the peer's speed: reads that
 * fill what was offered grow it, small reads shrink it.
 */
export class SlabReceiver {
  readonly #socket: StreamSocket;
  readonly #pool: SlabPool;
  readonly #taker: ReceivedBytes;
  #private: Uint8Array | null = null;
  #slab: Slab | null = null;
  #at = 0;
  #offered = 0;
  #sizeClass = 0;
  #payloadExpected = false;
  #paused = false;
  #closed = false;
  #relief: (() => void) | null = null;
  #holds = 0;

  constructor(socket: StreamSocket, pool: SlabPool, taker: ReceivedBytes) {
    this.#socket = socket;
    this.#pool = pool;
    this.#taker = taker;
  }

  start(): void {
    this.#socket.receive({
      buffer: () => this.#nextBuffer(),
      received: (lengthBytes, buffer) => this.#received(lengthBytes, buffer),
      ended: () => this.#taker.onEnded(),
      closed: (error) => this.#close(error),
    });
  }

  /** Says whether blocks are outstanding. */
  expectPayload(expected: boolean): void {
    this.#payloadExpected = expected;
  }

  /** Stops reading until {@link unhold}; calls nest. Used by rate limits. */
  hold(): void {
    this.#holds++;
    this.#update();
  }

  unhold(): void {
    this.#holds--;
    this.#update();
  }

  /** Reads once more although memory is short: what is held up may be what would make room. */
  nudge(): void {
    if (this.#relief !== null) this.#relieved();
  }

  #nextBuffer(): Uint8Array {
    // Whoever pauses holds no slab: those of many paused peers would keep the pool tight for ever.
    if (!this.#payloadExpected || this.#closed || this.#pool.isTight) {
      this.#dropSlab();
      return this.#privateBuffer();
    }
    const slab = this.#slab;
    if (slab !== null) {
      const left = slab.lengthBytes - this.#at;
      if (left >= LEAST_READ_BYTES && left * 4 >= slab.lengthBytes) {
        this.#offered = left;
        return slab.bytes.subarray(this.#at);
      }
      this.#dropSlab();
    }
    const fresh = tryAcquire(this.#pool, SLAB_SIZES[this.#affordableClass()]!);
    if (fresh === null) return this.#privateBuffer();
    this.#slab = fresh;
    this.#at = 0;
    this.#offered = fresh.lengthBytes;
    return fresh.bytes;
  }

  #privateBuffer(): Uint8Array {
    this.#private ??= new Uint8Array(PRIVATE_BUFFER_BYTES);
    return this.#private;
  }

  /** Large slabs only while the pool is far from its budget: with many peers each holds one. */
  #affordableClass(): number {
    const { usedBytes, budgetBytes } = this.#pool;
    const most = usedBytes * 2 < budgetBytes ? 2 : usedBytes * 4 < budgetBytes * 3 ? 1 : 0;
    return Math.min(this.#sizeClass, most);
  }

  #received(lengthBytes: number, buffer: Uint8Array): void {
    if (this.#closed) return;
    const slab = this.#slab;
    if (slab === null || buffer === this.#private) {
      this.#taker.onBytes(buffer, 0, lengthBytes, null);
    } else {
      const from = this.#at;
      this.#at += lengthBytes;
      if (lengthBytes === this.#offered && lengthBytes >= 16 * 1024) {
        this.#sizeClass = Math.min(this.#sizeClass + 1, 2);
      } else if (lengthBytes * 16 < slab.lengthBytes) {
        this.#sizeClass = Math.max(this.#sizeClass - 1, 0);
      }
      this.#taker.onBytes(slab.bytes, from, from + lengthBytes, slab);
    }
    if (this.#pool.isTight && this.#payloadExpected) this.#awaitRelief();
  }

  #awaitRelief(): void {
    if (this.#relief !== null || this.#closed) return;
    this.#relief = this.#pool.onRelief(() => this.#relieved());
    this.#update();
  }

  #relieved(): void {
    this.#relief?.();
    this.#relief = null;
    this.#update();
  }

  #update(): void {
    const pause = !this.#closed && (this.#relief !== null || this.#holds > 0);
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#socket.pause();
    else if (!this.#closed) this.#socket.resume();
  }

  #dropSlab(): void {
    this.#slab?.release();
    this.#slab = null;
  }

  #close(error: Error | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#relief?.();
    this.#relief = null;
    this.#dropSlab();
    this.#taker.onClosed(error);
  }
}
