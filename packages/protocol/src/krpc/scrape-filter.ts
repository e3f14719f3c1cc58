import { hash } from "node:crypto";
import { parseIp } from "../endpoint/ip-address.ts";

/** Length of a scrape's Bloom filter. */
export const SCRAPE_FILTER_LENGTH_BYTES = 256;

const BITS = SCRAPE_FILTER_LENGTH_BYTES * 8;
const HASHES = 2;

/**
 * A Bloom filter over the IP addresses of a swarm, 2048 bits with two hash functions: filters of
 * several nodes join without counting an address twice.
 * @see BEP 33
 */
export class ScrapeFilter {
  readonly bytes: Uint8Array;

  /** @throws {RangeError} when the bytes are not 256. */
  constructor(bytes: Uint8Array = new Uint8Array(SCRAPE_FILTER_LENGTH_BYTES)) {
    if (bytes.length !== SCRAPE_FILTER_LENGTH_BYTES) {
      throw new RangeError(
        `Expected a filter of ${SCRAPE_FILTER_LENGTH_BYTES} bytes, got ${bytes.length}`,
      );
    }
    this.bytes = bytes.slice();
  }

  /** @throws {TypeError} when it is no IP address. */
  insert(address: string): void {
    const ip = parseIp(address);
    if (ip === null) throw new TypeError(`not an IP address: ${JSON.stringify(address)}`);
    const digest = hash("sha1", ip, "buffer");
    this.#set(digest[0]! | (digest[1]! << 8));
    this.#set(digest[2]! | (digest[3]! << 8));
  }

  /** Takes in what another filter holds. */
  merge(other: Uint8Array): void {
    for (let i = 0; i < this.bytes.length; i++) this.bytes[i]! |= other[i]!;
  }

  /** How many addresses it holds, about: good up to 6,000 (BEP 33). */
  estimate(): number {
    let zeros = 0;
    for (const byte of this.bytes) {
      for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) === 0) zeros++;
    }
    // A full filter says no more than that one bit was the last.
    const share = Math.max(1, Math.min(BITS - 1, zeros)) / BITS;
    return zeros === BITS ? 0 : Math.log(share) / (HASHES * Math.log(1 - 1 / BITS));
  }

  #set(value: number): void {
    const index = value % BITS;
    this.bytes[index >>> 3]! |= 1 << (index & 7);
  }
}
