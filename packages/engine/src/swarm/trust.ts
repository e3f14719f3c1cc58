import { type AddressFilter, OPEN_ADDRESSES } from "./address-filter.ts";

/** Trust falls by two for each bad piece and rises by one for each good one (libtorrent's values). */
const BAN_AT = -7;
const MOST_TRUST = 8;
const GOOD_PIECE = 1;
const BAD_PIECE = -2;
/** Addresses remembered, of those that earned or lost trust and of those banned; the oldest go. */
const MAX_REMEMBERED = 20_000;

/** What became of the pieces that each IP address had part in. A liar does not come back on another port. */
export class Trust {
  readonly #filter: AddressFilter;
  readonly #trust = new Map<string, number>();
  readonly #banned = new Set<string>();
  readonly #parole = new Set<string>();

  /** @param filter Banned from the beginning. */
  constructor(filter: AddressFilter = OPEN_ADDRESSES) {
    this.#filter = filter;
  }

  isBanned(address: string): boolean {
    return this.#banned.has(address) || this.#filter.isBlocked(address);
  }

  ban(address: string): void {
    this.#banned.add(address);
    this.#parole.delete(address);
    if (this.#banned.size > MAX_REMEMBERED) this.#banned.delete(first(this.#banned));
  }

  /** The address had part in a good piece. */
  credit(address: string): void {
    this.#change(address, GOOD_PIECE);
  }

  /** The address had part in a bad piece. @returns Whether it should be banned by now. */
  discredit(address: string): boolean {
    return this.#change(address, BAD_PIECE) <= BAN_AT;
  }

  /** It was another who spoiled the piece that the address had part in. */
  exonerate(address: string): void {
    this.#change(address, -BAD_PIECE);
    this.#parole.delete(address);
  }

  /** On parole an address sends whole pieces by itself alone, so that the next bad one has one sender. */
  isOnParole(address: string): boolean {
    return this.#parole.has(address);
  }

  setParole(address: string, isOnParole: boolean): void {
    if (isOnParole) this.#parole.add(address);
    else this.#parole.delete(address);
    if (this.#parole.size > MAX_REMEMBERED) this.#parole.delete(first(this.#parole));
  }

  #change(address: string, by: number): number {
    const trust = Math.min(MOST_TRUST, (this.#trust.get(address) ?? 0) + by);
    // Set anew at the end, so that the first one is the one that was quiet longest.
    this.#trust.delete(address);
    this.#trust.set(address, trust);
    if (this.#trust.size > MAX_REMEMBERED) this.#trust.delete(first(this.#trust));
    return trust;
  }
}

function first<Key>(keys: { keys(): Iterator<Key> }): Key {
  return keys.keys().next().value as Key;
}
