import type { HalfSipHash } from "./half-sip-hash.ts";

const FIRST_CAPACITY = 4;

/** A keyed hash of bytes: peers choose their ports and half of an IPv6 address, but not what collides. */
export type PeerHash = Pick<HalfSipHash, "hash32">;

/**
 * The peers of one torrent and one kind, as they go over the wire.
 *
 * Invariant: slots below `seeders` hold seeders, those from there to `size` leechers, so that choosing
 * leechers only is a matter of where to start.
 *
 * Peers are found by a table of twice as many places as there are slots. A place holds 0 or a slot's number
 * plus one, and each slot stands at the place that its hash names or at the first free one after it. A `Map`
 * by endpoint took a tenth of an announce and 60 bytes a peer.
 */
export class PeerPool {
  /** Pairs of bytes that name a peer. */
  readonly #stride: number;
  readonly #hash: PeerHash;
  #capacity = FIRST_CAPACITY;
  /** Endpoints, two bytes in each, the first of them in the lower half. */
  #pairs: Uint16Array;
  /**
   * The table's places, and behind them two numbers for each slot: its hash, and when the peer last
   * announced, in seconds. They are in one array since all that costs here is what is not in the cache.
   */
  #index: Uint32Array;
  #size = 0;
  #seeders = 0;

  /** @param peerBytes Bytes that name a peer, an even number. */
  constructor(peerBytes: number, hash: PeerHash) {
    this.#stride = peerBytes / 2;
    this.#hash = hash;
    this.#pairs = new Uint16Array(FIRST_CAPACITY * this.#stride);
    this.#index = new Uint32Array(FIRST_CAPACITY * 4);
  }

  get size(): number {
    return this.#size;
  }

  get seeders(): number {
    return this.#seeders;
  }

  /**
   * Adds or refreshes a peer.
   * @returns What it was before.
   */
  put(endpoint: Uint8Array, isSeeder: boolean, nowS: number): "new" | "leecher" | "seeder" {
    const hash = this.#hash.hash32(endpoint, 0, this.#stride * 2);
    let slot = this.#find(endpoint, hash);
    const was = slot < 0 ? "new" : slot < this.#seeders ? "seeder" : "leecher";
    if (slot < 0) slot = this.#add(endpoint, hash);
    this.#index[this.#at(slot) + 1] = nowS;
    if (isSeeder && slot >= this.#seeders) this.#swap(slot, this.#seeders++);
    else if (!isSeeder && slot < this.#seeders) this.#swap(slot, --this.#seeders);
    return was;
  }

  /** Drops a peer. @returns whether it was there. */
  remove(endpoint: Uint8Array): boolean {
    const slot = this.#find(endpoint, this.#hash.hash32(endpoint, 0, this.#stride * 2));
    if (slot < 0) return false;
    this.removeSlot(slot);
    return true;
  }

  removeSlot(slot: number): void {
    if (slot < this.#seeders) {
      this.#seeders--;
      this.#swap(slot, this.#seeders);
      slot = this.#seeders;
    }
    this.#swap(slot, this.#size - 1);
    this.#size--;
    this.#free(this.#placeOf(this.#size));
  }

  /** Drops the peers that have not announced since `oldestS`. @returns how many. */
  expire(oldestS: number): number {
    const before = this.#size;
    // Downwards: what removal moves into a slot comes from above and has been looked at.
    for (let slot = this.#size - 1; slot >= 0; slot--) {
      if (this.#index[this.#at(slot) + 1]! < oldestS) this.removeSlot(slot);
    }
    return before - this.#size;
  }

  /**
   * Copies up to `want` peers to `out`, in time that grows with `want` alone: the peers are cut
   * into `want` runs of nearly equal length, and one is drawn from each.
   * @param asker The endpoint that is left out.
   * @param leechersOnly For seeders, who have no use for one another.
   * @param seed A random number of 32 bits, not 0.
   * @returns The copied part of `out`.
   */
  sample(
    want: number,
    leechersOnly: boolean,
    asker: Uint8Array,
    out: Uint8Array,
    seed: number,
  ): Uint8Array {
    // What follows is xorshift32, in a local variable: a function that draws cost a sixth of a sample more.
    let state = seed;
    const stride = this.#stride;
    const pairs = this.#pairs;
    let low = leechersOnly ? this.#seeders : 0;
    const isOfKind = asker.length === stride * 2;
    const askerSlot = isOfKind ? this.#find(asker, this.#hash.hash32(asker, 0, asker.length)) : -1;
    const hidesAsker = askerSlot >= low;
    const others = this.#size - low - (hidesAsker ? 1 : 0);
    const runs = Math.min(want, others);
    const shortRun = runs === 0 ? 0 : Math.floor(others / runs);
    const longRuns = others - shortRun * runs;
    let at = 0;
    for (let run = 0; run < runs; run++) {
      const length = run < longRuns ? shortRun + 1 : shortRun;
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      let slot = low + Math.floor((state >>> 0) * 2 ** -32 * length);
      low += length;
      if (hidesAsker && slot >= askerSlot) slot++;
      const end = (slot + 1) * stride;
      for (let from = slot * stride; from < end; from++) {
        const pair = pairs[from]!;
        out[at] = pair;
        out[at + 1] = pair >>> 8;
        at += 2;
      }
    }
    return out.subarray(0, at);
  }

  /** @returns the endpoint's slot, or -1. */
  #find(endpoint: Uint8Array, hash: number): number {
    const index = this.#index;
    const mask = this.#capacity * 2 - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const slot = index[place]! - 1;
      if (slot < 0 || (index[this.#at(slot)] === hash && this.#holds(slot, endpoint))) return slot;
    }
  }

  #holds(slot: number, endpoint: Uint8Array): boolean {
    const from = slot * this.#stride;
    for (let i = 0; i < this.#stride; i++) {
      if (this.#pairs[from + i] !== pairAt(endpoint, i)) return false;
    }
    return true;
  }

  #add(endpoint: Uint8Array, hash: number): number {
    if (this.#size === this.#capacity) this.#grow();
    const slot = this.#size++;
    for (let i = 0; i < this.#stride; i++) {
      this.#pairs[slot * this.#stride + i] = pairAt(endpoint, i);
    }
    this.#index[this.#at(slot)] = hash;
    this.#enter(slot);
    return slot;
  }

  /** Where a slot's hash lies; when the peer announced is behind it. */
  #at(slot: number): number {
    return (this.#capacity + slot) * 2;
  }

  #enter(slot: number): void {
    const mask = this.#capacity * 2 - 1;
    let place = this.#index[this.#at(slot)]! & mask;
    while (this.#index[place] !== 0) place = (place + 1) & mask;
    this.#index[place] = slot + 1;
  }

  #placeOf(slot: number): number {
    const mask = this.#capacity * 2 - 1;
    let place = this.#index[this.#at(slot)]! & mask;
    while (this.#index[place] !== slot + 1) place = (place + 1) & mask;
    return place;
  }

  /** Frees a place, moving into it what it would cut off from the place that its hash names. */
  #free(place: number): void {
    const index = this.#index;
    const mask = this.#capacity * 2 - 1;
    let free = place;
    for (let next = (free + 1) & mask; index[next] !== 0; next = (next + 1) & mask) {
      const named = index[this.#at(index[next]! - 1)]! & mask;
      if (((next - named) & mask) < ((next - free) & mask)) continue;
      index[free] = index[next]!;
      free = next;
    }
    index[free] = 0;
  }

  #swap(a: number, b: number): void {
    if (a === b) return;
    const placeOfA = this.#placeOf(a);
    const placeOfB = this.#placeOf(b);
    this.#index[placeOfA] = b + 1;
    this.#index[placeOfB] = a + 1;
    swapRanges(this.#index, this.#at(a), this.#at(b), 2);
    swapRanges(this.#pairs, a * this.#stride, b * this.#stride, this.#stride);
  }

  #grow(): void {
    const slots = this.#index.subarray(this.#at(0));
    this.#capacity *= 2;
    const pairs = new Uint16Array(this.#capacity * this.#stride);
    pairs.set(this.#pairs);
    this.#pairs = pairs;
    this.#index = new Uint32Array(this.#capacity * 4);
    this.#index.set(slots, this.#at(0));
    for (let slot = 0; slot < this.#size; slot++) this.#enter(slot);
  }
}

function pairAt(bytes: Uint8Array, index: number): number {
  return bytes[index * 2]! | (bytes[index * 2 + 1]! << 8);
}

function swapRanges(items: Uint16Array | Uint32Array, a: number, b: number, length: number): void {
  for (let i = 0; i < length; i++) {
    const item = items[a + i]!;
    items[a + i] = items[b + i]!;
    items[b + i] = item;
  }
}
