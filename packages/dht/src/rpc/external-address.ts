import { networkBlock } from "../routing/contact.ts";

/** Votes that count, the newest of as many networks. */
const MAX_VOTES = 32;
/** Votes that one address needs, and it needs more than half of all. */
const MIN_VOTES = 8;

/**
 * Which address others see us at. Every answer says it (BEP 42); since a single node can lie, each
 * network has one vote, and the majority decides.
 */
export class ExternalAddress {
  #address: string | null;
  /** By the voter's network, oldest first. */
  readonly #votes = new Map<string, string>();

  constructor(address: string | null) {
    this.#address = address;
  }

  /** Null as long as nobody knows. */
  get address(): string | null {
    return this.#address;
  }

  /** Counts a vote. Returns whether the address is another one now. */
  vote(voter: string, address: string): boolean {
    const network = networkBlock(voter) ?? voter;
    this.#votes.delete(network);
    this.#votes.set(network, address);
    for (const oldest of this.#votes.keys()) {
      if (this.#votes.size <= MAX_VOTES) break;
      this.#votes.delete(oldest);
    }
    if (address === this.#address) return false;
    let count = 0;
    for (const other of this.#votes.values()) if (other === address) count++;
    if (count < MIN_VOTES || count * 2 <= this.#votes.size) return false;
    this.#address = address;
    return true;
  }
}
