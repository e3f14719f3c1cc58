import { Fifo } from "./fifo.ts";
import type { Segment, SegmentPool } from "./segment-pool.ts";

/** Bytes in, bytes out, in order, in segments of a pool. */
export class ByteFifo {
  readonly #pool: SegmentPool;
  readonly #segments = new Fifo<Segment>();

  constructor(pool: SegmentPool) {
    this.#pool = pool;
  }

  /** Copies `lengthBytes` of `bytes` from `from` on to the end. */
  append(bytes: Uint8Array, from: number, lengthBytes: number): void {
    const end = from + lengthBytes;
    for (let at = from; at < end;) {
      let segment = this.#segments.last();
      if (segment === undefined || segment.end === segment.bytes.length) {
        segment = this.#pool.acquire(end - at);
        this.#segments.push(segment);
      }
      const part = Math.min(end - at, segment.bytes.length - segment.end);
      segment.bytes.set(bytes.subarray(at, at + part), segment.end);
      segment.end += part;
      at += part;
    }
  }

  /** Takes bytes off the front, into `target` or into nothing. There are as many. */
  take(lengthBytes: number, target: Uint8Array | null): void {
    for (let at = 0; at < lengthBytes;) {
      const segment = this.#segments.peek() as Segment;
      const part = Math.min(lengthBytes - at, segment.end - segment.start);
      target?.set(segment.bytes.subarray(segment.start, segment.start + part), at);
      segment.start += part;
      at += part;
      if (segment.start === segment.end) this.#drop();
    }
  }

  clear(): void {
    while (this.#segments.length > 0) this.#drop();
  }

  #drop(): void {
    this.#pool.release(this.#segments.shift() as Segment);
  }
}
