import { type AddressRanges, holdsAddress, NO_RANGES } from "./address-ranges.ts";

/** The addresses that nobody here speaks to. What it holds may change at any time. */
export class IpFilter {
  #ranges: AddressRanges = NO_RANGES;
  readonly #listeners = new Set<() => void>();

  /** Ranges, of both families. */
  get count(): number {
    return this.#ranges.ipv4.length / 2 + this.#ranges.ipv6.length / 4;
  }

  get memoryBytes(): number {
    return this.#ranges.ipv4.byteLength + this.#ranges.ipv6.byteLength;
  }

  isBlocked(address: string): boolean {
    return this.count > 0 && holdsAddress(this.#ranges, address);
  }

  /** Puts other ranges in place of all before. */
  replace(ranges: AddressRanges): void {
    this.#ranges = ranges;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` when others may be blocked than before. @returns A function that removes it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
