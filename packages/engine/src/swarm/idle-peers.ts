import type { Clock, Timer } from "@shoal/runtime";

/** So soon an idle peer is asked for what others have not brought by then (end game). */
const IDLE_RETRY_MS = 250;

interface IdlePeer {
  readonly requestsSent: number;
  wake(): void;
}

/** Peers that would answer, and of which nothing is asked for now: they are tried again after a moment. */
export class IdlePeers {
  readonly #clock: Clock;
  readonly #peers = new Set<IdlePeer>();
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(peer: IdlePeer): void {
    this.#peers.add(peer);
    this.#timer ??= this.#clock.setTimer(IDLE_RETRY_MS, () => {
      this.#timer = null;
      const idle = [...this.#peers];
      this.#peers.clear();
      for (const each of idle) if (each.requestsSent === 0) each.wake();
    });
  }

  delete(peer: IdlePeer): void {
    this.#peers.delete(peer);
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#peers.clear();
  }
}
