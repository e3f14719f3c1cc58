import { hash } from "node:crypto";
import type { Clock, Endpoint, Random } from "@shoal/runtime";
import { stepsBetween } from "../connection/sequence.ts";

/** A cookie serves for one to two of these: long enough for a SYN's answer that was lost twice. */
const WINDOW_MS = 30_000;
/** The first packet behind the SYN may be overtaken by so many others. */
const MAX_STEPS = 8;
const SECRET_BYTES = 16;

/**
 * Answers to SYN that need no memory: the sequence number that they name is a hash of where the SYN came from, so
 * whoever continues with it has received the answer, and is where he says. A flood of SYNs from forged
 * addresses leaves nothing behind.
 */
export class SynCookies {
  readonly #clock: Clock;
  readonly #random: Random;
  #secret: string | null = null;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The sequence number to answer with. */
  firstSeqNr(from: Endpoint, synId: number, synSeqNr: number): number {
    return (this.#hash(from, synId, this.#window()) + synSeqNr) & 0xffff;
  }

  /**
   * Looks for the SYN that a packet of an unknown connection continues.
   * @returns The two sides' first sequence numbers; null when no answer of ours can have led to it.
   */
  open(
    from: Endpoint,
    synId: number,
    seqNr: number,
    ackNr: number,
  ): { synSeqNr: number; firstSeqNr: number } | null {
    // The answer took no number of its own: the first acknowledgement is the one before it.
    const firstSeqNr = (ackNr + 1) & 0xffff;
    const now = this.#window();
    for (const window of [now, now - 1]) {
      const synSeqNr = (firstSeqNr - this.#hash(from, synId, window)) & 0xffff;
      const steps = stepsBetween(synSeqNr, seqNr);
      if (steps >= 1 && steps <= MAX_STEPS) return { synSeqNr, firstSeqNr };
    }
    return null;
  }

  #window(): number {
    return Math.floor(this.#clock.monotonicMs() / WINDOW_MS);
  }

  #hash({ address, port }: Endpoint, synId: number, window: number): number {
    this.#secret ??= Buffer.from(this.#random.bytes(SECRET_BYTES)).toString("hex");
    const digest = hash("sha256", `${this.#secret} ${address} ${port} ${synId} ${window}`);
    return Number.parseInt(digest.slice(0, 4), 16);
  }
}
