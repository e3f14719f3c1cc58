import { PeerError } from "../errors.ts";

const KEEP_ALIVE_MS = 100_000;
/** Keep-alives come every two minutes (BEP 3), so silence beyond that is the end. */
const INACTIVE_MS = 130_000;
/** Two peers with nothing to say to each other part after so long. */
const USELESS_MS = 600_000;

/** When a connection was last of use, and what follows from that. All times are monotonic. */
export class Liveness {
  #receivedMs: number;
  #sentMs: number;
  #usefulMs: number;

  constructor(nowMs: number) {
    this.#receivedMs = nowMs;
    this.#sentMs = nowMs;
    this.#usefulMs = nowMs;
  }

  received(nowMs: number): void {
    this.#receivedMs = nowMs;
  }

  sent(nowMs: number): void {
    this.#sentMs = nowMs;
  }

  /** Payload moved, either way. */
  useful(nowMs: number): void {
    this.#usefulMs = nowMs;
  }

  needsKeepAlive(nowMs: number): boolean {
    return nowMs - this.#sentMs > KEEP_ALIVE_MS;
  }

  /** Why the connection should end now; null when it should not. `isIdle`: neither side is interested. */
  verdict(nowMs: number, isIdle: boolean): PeerError | null {
    if (nowMs - this.#receivedMs > INACTIVE_MS) {
      return new PeerError("inactive", "the peer sent nothing for two minutes");
    }
    if (isIdle && nowMs - this.#usefulMs > USELESS_MS) {
      return new PeerError("not-useful", "neither side wants anything of the other");
    }
    return null;
  }
}
