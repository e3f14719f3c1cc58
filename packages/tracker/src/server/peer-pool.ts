type PeerKey = number | string;

const FIRST_CAPACITY = 4;

/**
 * The peers of one torrent and one kind, as they go over the wire.
 *
 * Invariant: slots below `seeders` hold seeders, those from there to `size` leechers, and `#slots`
 * maps each endpoint to its slot. So choosing leechers only is a matter of where to start.
 */
export class PeerPool {
  readonly #stride: number;
  readonly #slots = new Map<PeerKey, number>();
  #endpoints: Uint8Array;
  /** When each peer last announced, in seconds. */
  #seenS: Uint32Array;
  #size = 0;
  #seeders = 0;

  /** @param stride Bytes that name a peer. */
  constructor(stride: number) {
    this.#stride = stride;
    this.#endpoints = new Uint8Array(FIRST_CAPACITY * this.#stride);
    this.#seenS = new Uint32Array(FIRST_CAPACITY);
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
    const key = keyOf(endpoint, 0, this.#stride);
    let slot = this.#slots.get(key);
    const was = slot === undefined ? "new" : slot < this.#seeders ? "seeder" : "leecher";
    if (slot === undefined) {
      slot = this.#size++;
      if (this.#size > this.#seenS.length) this.#grow();
      this.#endpoints.set(endpoint, slot * this.#stride);
      this.#slots.set(key, slot);
    }
    this.#seenS[slot] = nowS;
    if (isSeeder && slot >= this.#seeders) this.#swap(slot, this.#seeders++);
    else if (!isSeeder && slot < this.#seeders) this.#swap(slot, --this.#seeders);
    return was;
  }

  /** Drops a peer. @returns whether it was there. */
  remove(endpoint: Uint8Array): boolean {
    const slot = this.#slots.get(keyOf(endpoint, 0, this.#stride));
    if (slot === undefined) return false;
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
    this.#slots.delete(keyOf(this.#endpoints, this.#size * this.#stride, this.#stride));
  }

  /** Drops the peers that have not announced since `oldestS`. @returns how many. */
  expire(oldestS: number): number {
    const before = this.#size;
    // Downwards: what removal moves into a slot comes from above and has been looked at.
    for (let slot = this.#size - 1; slot >= 0; slot--) {
      if (this.#seenS[slot]! < oldestS) this.removeSlot(slot);
    }
    return before - this.#size;
  }

  /**
   * Copies up to `want` peers to `out`, in time that grows with `want` alone: the peers are cut
   * into `want` runs of nearly equal length, and one is drawn from each.
   * @param asker The endpoint that is left out.
   * @param leechersOnly For seeders, who have no use for one another.
   * @param draw Whole random numbers below their argument.
   * @returns The copied part of `out`.
   */
  sample(
    want: number,
    leechersOnly: boolean,
    asker: Uint8Array,
    out: Uint8Array,
    draw: (bound: number) => number,
  ): Uint8Array {
    const stride = this.#stride;
    const start = leechersOnly ? this.#seeders : 0;
    const available = this.#size - start;
    const askerSlot =
      asker.length === stride ? this.#slots.get(keyOf(asker, 0, stride)) : undefined;
    const hidesAsker = askerSlot !== undefined && askerSlot >= start;
    const others = hidesAsker ? available - 1 : available;
    const runs = Math.min(want, others);
    let at = 0;
    for (let run = 0; run < runs; run++) {
      const low = Math.floor((run * others) / runs);
      const high = Math.floor(((run + 1) * others) / runs);
      let slot = start + low + draw(high - low);
      if (hidesAsker && slot >= askerSlot) slot++;
      const from = slot * stride;
      for (let i = 0; i < stride; i++) out[at++] = this.#endpoints[from + i]!;
    }
    return out.subarray(0, at);
  }

  #swap(a: number, b: number): void {
    if (a === b) return;
    const stride = this.#stride;
    const endpoints = this.#endpoints;
    for (let i = 0; i < stride; i++) {
      const byte = endpoints[a * stride + i]!;
      endpoints[a * stride + i] = endpoints[b * stride + i]!;
      endpoints[b * stride + i] = byte;
    }
    const seenS = this.#seenS[a]!;
    this.#seenS[a] = this.#seenS[b]!;
    this.#seenS[b] = seenS;
    this.#slots.set(keyOf(endpoints, a * stride, stride), a);
    this.#slots.set(keyOf(endpoints, b * stride, stride), b);
  }

  #grow(): void {
    const capacity = this.#seenS.length * 2;
    const endpoints = new Uint8Array(capacity * this.#stride);
    endpoints.set(this.#endpoints);
    const seenS = new Uint32Array(capacity);
    seenS.set(this.#seenS);
    this.#endpoints = endpoints;
    this.#seenS = seenS;
  }
}

/** A number for IPv4, whose endpoints have 48 bits; text of one character a byte for others. */
function keyOf(bytes: Uint8Array, at: number, stride: number): PeerKey {
  if (stride === 6) {
    const high = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const low = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
    return high * 0x100_0000 + low;
  }
  return String.fromCharCode(...bytes.subarray(at, at + stride));
}
