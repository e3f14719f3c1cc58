import type { Contact } from "./contact.ts";

/** Nodes kept in reserve for a bucket that is full. */
const MAX_REPLACEMENTS = 8;

/** What became of a node that asked to be in a bucket. */
export type Admission =
  | { readonly kind: "live"; readonly evicted: Contact | null }
  | { readonly kind: "reserve" }
  /** Another node of its network is here (/24, /64): a network gets one place. */
  | { readonly kind: "refused" };

/**
 * Nodes at one distance from our own ID. Old nodes that answer stay, since who was there for an hour
 * will likely be there for another; what comes when all places are taken waits in reserve.
 *
 * Invariant: of one network block there is at most one live node.
 */
export class Bucket {
  readonly size: number;
  readonly live: Contact[] = [];
  /** Newest last. */
  readonly #reserve: Contact[] = [];

  constructor(size: number) {
    this.size = size;
  }

  get reserveCount(): number {
    return this.#reserve.length;
  }

  /** Whether a node of this network would get a free place. */
  hasRoomFor(block: string | null): boolean {
    return this.live.length < this.size && !this.#hasBlock(block);
  }

  admit(contact: Contact): Admission {
    const rival = this.live.find(({ block }) => block !== null && block === contact.block);
    if (rival !== undefined) {
      if (!isWorse(rival, contact)) return { kind: "refused" };
      this.live[this.live.indexOf(rival)] = contact;
      return { kind: "live", evicted: rival };
    }
    if (this.live.length < this.size) {
      this.live.push(contact);
      return { kind: "live", evicted: null };
    }
    const worst = this.live.reduce((a, b) => (isWorse(a, b) ? a : b));
    if (isWorse(worst, contact)) {
      this.live[this.live.indexOf(worst)] = contact;
      return { kind: "live", evicted: worst };
    }
    this.#keepInReserve(contact);
    return { kind: "reserve" };
  }

  /** Takes a live node out. @returns the node that took its place, if one that `isFree` was in reserve. */
  remove(contact: Contact, isFree: (contact: Contact) => boolean): Contact | null {
    const index = this.live.indexOf(contact);
    if (index >= 0) this.live.splice(index, 1);
    for (let next = this.#reserve.pop(); next !== undefined; next = this.#reserve.pop()) {
      if (!isFree(next) || this.#hasBlock(next.block)) continue;
      this.live.push(next);
      return next;
    }
    return null;
  }

  #hasBlock(block: string | null): boolean {
    return block !== null && this.live.some((other) => other.block === block);
  }

  #keepInReserve(contact: Contact): void {
    const known = this.#reserve.findIndex(({ address }) => address === contact.address);
    if (known >= 0) this.#reserve.splice(known, 1);
    else if (this.#reserve.length === MAX_REPLACEMENTS) this.#reserve.shift();
    this.#reserve.push(contact);
  }
}

/** A node that failed is worse than one that did not; one that may have chosen its ID than one that cannot have. */
function isWorse(a: Contact, b: Contact): boolean {
  if (a.failures !== b.failures) return a.failures > b.failures;
  return !a.isSecure && b.isSecure;
}
