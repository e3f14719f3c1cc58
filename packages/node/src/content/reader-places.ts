import { sourceOf } from "@shoal/runtime";
import { NodeError } from "../errors.ts";

/** Each holds a connection, and 256 KiB at a time. */
const MAX_READERS = 200;
/** A browser opens six connections to a server, and a household has several. */
const MAX_READERS_OF_ADDRESS = 24;

/** How many may read content at once, in all and from one address. */
export class ReaderPlaces {
  readonly #byAddress = new Map<string, number>();
  #taken = 0;

  get taken(): number {
    return this.#taken;
  }

  /**
   * @param address Empty for programs of this machine, over the Unix socket.
   * @returns What gives the place back; calling it again does nothing.
   * @throws {NodeError} `too-many-requests` or `unavailable`.
   */
  take(address: string): () => void {
    if (this.#taken >= MAX_READERS) {
      throw new NodeError("unavailable", "Too many are reading already: try again in a while.");
    }
    const key = sourceOf(address);
    const own = this.#byAddress.get(key) ?? 0;
    if (own >= MAX_READERS_OF_ADDRESS) {
      throw new NodeError("too-many-requests", "Too many files are being read from this address.");
    }
    this.#taken++;
    this.#byAddress.set(key, own + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#taken--;
      const left = this.#byAddress.get(key)! - 1;
      if (left === 0) this.#byAddress.delete(key);
      else this.#byAddress.set(key, left);
    };
  }
}
