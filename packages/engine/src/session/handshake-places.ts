/** Connections that have not said yet which torrent they want. */
const MAX_UNIDENTIFIED = 200;
/** And of one address: fifty peers behind it may come at once, and it cannot shut out the others. */
const MAX_UNIDENTIFIED_PER_ADDRESS = 64;

/** The places for incoming connections whose handshakes are not done. */
export class HandshakePlaces {
  readonly #byAddress = new Map<string, number>();
  #taken = 0;

  /** @returns Whether there was a place; it is to be given back with {@link leave}. */
  enter(address: string): boolean {
    const count = this.#byAddress.get(address) ?? 0;
    if (this.#taken >= MAX_UNIDENTIFIED || count >= MAX_UNIDENTIFIED_PER_ADDRESS) return false;
    this.#taken++;
    this.#byAddress.set(address, count + 1);
    return true;
  }

  leave(address: string): void {
    const count = this.#byAddress.get(address) ?? 0;
    this.#taken--;
    if (count > 1) this.#byAddress.set(address, count - 1);
    else this.#byAddress.delete(address);
  }
}
