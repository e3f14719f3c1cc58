import type { EventLoop } from "./event-loop.ts";
import { SimEvent } from "./event-queue.ts";
import { Fifo } from "./fifo.ts";

/** One that wants its bytes carried by a link. */
export interface LinkUser {
  /** Kept by the link. */
  isQueued: boolean;
  /** Takes out the next bytes to carry, at most the link's `quantumBytes` where they can be split; 0 when none. */
  take(quantumBytes: number): number;
  /** The bytes last taken were carried. Returns true when foreign code ran. */
  served(bytes: number): boolean;
}

const QUANTUM_MS = 16;
const MIN_QUANTUM_BYTES = 1448;
const MAX_QUANTUM_BYTES = 64 * 1024;

/**
 * One direction of a host's access line. Its users take turns, one quantum (16 ms of the line, from
 * one packet to 64 KiB) each: chunked round robin, which shares the line fairly among the busy
 * flows at one event per chunk, whatever their number.
 */
export class Link extends SimEvent {
  readonly #loop: EventLoop;
  readonly #queue = new Fifo<LinkUser>();
  readonly #bytesPerMs: number;
  #serving: LinkUser | null = null;
  #servingBytes = 0;
  readonly quantumBytes: number;

  /** @param bytesPerSecond may be Infinity. */
  constructor(loop: EventLoop, bytesPerSecond: number) {
    super();
    if (!(bytesPerSecond > 0)) {
      throw new RangeError(`A rate above 0 bytes per second was expected, not ${bytesPerSecond}`);
    }
    this.#loop = loop;
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.quantumBytes = Math.ceil(
      Math.min(MAX_QUANTUM_BYTES, Math.max(MIN_QUANTUM_BYTES, this.#bytesPerMs * QUANTUM_MS)),
    );
  }

  get bytesPerMs(): number {
    return this.#bytesPerMs;
  }

  /** Tells that `user` has bytes. Returns true when foreign code ran. */
  offer(user: LinkUser): boolean {
    if (user.isQueued) return false;
    user.isQueued = true;
    if (this.#bytesPerMs === Infinity) {
      let woke = false;
      for (;;) {
        const bytes = user.take(this.quantumBytes);
        if (bytes === 0) break;
        if (user.served(bytes)) woke = true;
      }
      user.isQueued = false;
      return woke;
    }
    this.#queue.push(user);
    if (this.#serving === null) this.#next();
    return false;
  }

  override fire(): boolean {
    const user = this.#serving as LinkUser;
    this.#serving = null;
    // Back in the line before it is served: what it has by then is seen when its turn comes.
    this.#queue.push(user);
    const woke = user.served(this.#servingBytes);
    if (this.#serving === null) this.#next();
    return woke;
  }

  #next(): void {
    for (;;) {
      const user = this.#queue.shift();
      if (user === undefined) return;
      const bytes = user.take(this.quantumBytes);
      if (bytes > 0) {
        this.#serving = user;
        this.#servingBytes = bytes;
        this.#loop.schedule(this, bytes / this.#bytesPerMs);
        return;
      }
      user.isQueued = false;
    }
  }
}
