import type { EventLoop } from "./event-loop.ts";
import { SimEvent } from "./event-queue.ts";
import { Fifo } from "./fifo.ts";

/** One that wants its bytes carried by a link. */
export interface LinkUser {
  /** Kept by the link. */
  isQueued: boolean;
  hasBytes(): boolean;
  /** Takes out the next bytes to carry, at most `quantumBytes` where they can be split; 0 when none may go now. */
  take(quantumBytes: number): number;
  /** The bytes last taken are through. Returns true when foreign code ran. */
  served(bytes: number): boolean;
}

/** What a turn takes where the world does not say. */
export const DEFAULT_QUANTUM_MS = 16;
const MIN_QUANTUM_BYTES = 1448;
const MAX_QUANTUM_BYTES = 64 * 1024;

/** A message this small takes no event of its own on a free uplink; its time is added to the next one's. */
const SMALL_BYTES = 512;
const MAX_DEBT_MS = 1;

/**
 * One direction of a host's access line. Its users take turns, one quantum (16 ms of the line or
 * what the world says, from one packet to 64 KiB) each: chunked round robin, which shares the line fairly among the busy
 * flows at no more than one event per chunk, whatever their number.
 *
 * An uplink hands a chunk on when its last byte has left. A downlink hands it on at once when it is
 * free and is busy afterwards: packets do not wait for the rest of their chunk a second time, and a
 * line with room to spare costs no events at all.
 */
export class Link extends SimEvent {
  readonly #loop: EventLoop;
  readonly #queue = new Fifo<LinkUser>();
  readonly #isUplink: boolean;
  readonly #bytesPerMs: number;
  readonly quantumBytes: number;
  #freeAtMs = 0;
  #leaving: LinkUser | null = null;
  #leavingBytes = 0;
  #isServing = false;

  /**
   * @param bytesPerSecond may be Infinity.
   * @param quantumMs what a turn takes of the line.
   */
  constructor(
    loop: EventLoop,
    direction: "up" | "down",
    bytesPerSecond: number,
    quantumMs = DEFAULT_QUANTUM_MS,
  ) {
    super();
    if (!(bytesPerSecond > 0)) {
      throw new RangeError(`A rate above 0 bytes per second was expected, not ${bytesPerSecond}`);
    }
    this.#loop = loop;
    this.#isUplink = direction === "up";
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.quantumBytes = Math.ceil(
      Math.min(MAX_QUANTUM_BYTES, Math.max(MIN_QUANTUM_BYTES, this.#bytesPerMs * quantumMs)),
    );
  }

  get bytesPerMs(): number {
    return this.#bytesPerMs;
  }

  /** Tells that `user` has bytes. Returns true when foreign code ran. */
  offer(user: LinkUser): boolean {
    if (user.isQueued) return false;
    user.isQueued = true;
    this.#queue.push(user);
    return this.heapIndex < 0 && !this.#isServing ? this.#serveQueue() : false;
  }

  override fire(): boolean {
    const user = this.#leaving;
    if (user === null) return this.#serveQueue();
    this.#leaving = null;
    const woke = this.#handOn(user, this.#leavingBytes);
    return this.#serveQueue() || woke;
  }

  /** Serves until the line is busy or nobody is left. */
  #serveQueue(): boolean {
    let woke = false;
    while (this.#queue.length > 0) {
      const { nowMs } = this.#loop;
      const isFree = this.#freeAtMs <= nowMs;
      if (!isFree && !this.#isUplink) {
        this.#loop.schedule(this, this.#freeAtMs - nowMs);
        break;
      }
      const user = this.#queue.shift() as LinkUser;
      const bytes = user.take(this.quantumBytes);
      if (bytes === 0) {
        user.isQueued = false;
        continue;
      }
      this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + bytes / this.#bytesPerMs;
      const isDebt = bytes <= SMALL_BYTES && this.#freeAtMs - nowMs <= MAX_DEBT_MS;
      if (this.#isUplink && !isDebt && this.#freeAtMs > nowMs) {
        this.#leaving = user;
        this.#leavingBytes = bytes;
        this.#loop.schedule(this, this.#freeAtMs - nowMs);
        break;
      }
      if (this.#handOn(user, bytes)) woke = true;
    }
    return woke;
  }

  #handOn(user: LinkUser, bytes: number): boolean {
    // Back at the end of the line before it is served: serving may bring it more.
    user.isQueued = user.hasBytes();
    if (user.isQueued) this.#queue.push(user);
    this.#isServing = true;
    try {
      return user.served(bytes);
    } finally {
      this.#isServing = false;
    }
  }
}
