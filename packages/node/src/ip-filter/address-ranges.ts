import { parseIp, parseIpv4 } from "@shoal/protocol";

/** Of one family, sorted by their starts, and none touches the next: the one that an address may be in is found by halves. */
export interface AddressRanges {
  /** Starts and ends in turn, both within the range: 8 bytes a range. */
  readonly ipv4: Uint32Array;
  /** The upper and lower halves of a start, then those of its end: 32 bytes a range. */
  readonly ipv6: BigUint64Array;
}

export const NO_RANGES: AddressRanges = { ipv4: new Uint32Array(), ipv6: new BigUint64Array() };

const LOW_HALF = (1n << 64n) - 1n;

/** Whether an address is in one of the ranges. What is no address, such as a name, is in none. */
export function holdsAddress({ ipv4, ipv6 }: AddressRanges, address: string): boolean {
  const number = parseIpv4(address);
  if (number !== null) return holdsIpv4(ipv4, number);
  const bytes = parseIp(address);
  if (bytes === null) return false;
  // An address of IPv4 in the clothes of IPv6 comes as its four bytes.
  if (bytes.length === 4) return holdsIpv4(ipv4, Buffer.from(bytes).readUInt32BE());
  return holdsIpv6(
    ipv6,
    Buffer.from(bytes).readBigUInt64BE(),
    Buffer.from(bytes).readBigUInt64BE(8),
  );
}

/** Ranges in their order, those that overlap or touch made one. */
export class RangeBuilder {
  #ipv4 = new Uint32Array(2 * 1024);
  #ipv4Count = 0;
  readonly #ipv6: { readonly start: bigint; readonly end: bigint }[] = [];

  get count(): number {
    return this.#ipv4Count + this.#ipv6.length;
  }

  /** Both are within the range. */
  addIpv4(start: number, end: number): void {
    const at = 2 * this.#ipv4Count++;
    if (at === this.#ipv4.length) {
      const larger = new Uint32Array(2 * this.#ipv4.length);
      larger.set(this.#ipv4);
      this.#ipv4 = larger;
    }
    this.#ipv4[at] = start;
    this.#ipv4[at + 1] = end;
  }

  addIpv6(start: bigint, end: bigint): void {
    this.#ipv6.push({ start, end });
  }

  build(): AddressRanges {
    return { ipv4: this.#buildIpv4(), ipv6: this.#buildIpv6() };
  }

  #buildIpv4(): Uint32Array {
    const ranges = sortIpv4(this.#ipv4.subarray(0, 2 * this.#ipv4Count));
    let last = -2;
    for (let at = 0; at < ranges.length; at += 2) {
      const start = ranges[at]!;
      const end = ranges[at + 1]!;
      if (last >= 0 && start <= ranges[last + 1]! + 1) {
        if (end > ranges[last + 1]!) ranges[last + 1] = end;
      } else {
        last += 2;
        ranges[last] = start;
        ranges[last + 1] = end;
      }
    }
    return ranges.slice(0, last + 2);
  }

  #buildIpv6(): BigUint64Array {
    this.#ipv6.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    const merged: { start: bigint; end: bigint }[] = [];
    for (const { start, end } of this.#ipv6) {
      const last = merged.at(-1);
      if (last === undefined || start > last.end + 1n) merged.push({ start, end });
      else if (end > last.end) last.end = end;
    }
    const packed = new BigUint64Array(4 * merged.length);
    for (const [index, { start, end }] of merged.entries()) {
      packed.set([start >> 64n, start & LOW_HALF, end >> 64n, end & LOW_HALF], 4 * index);
    }
    return packed;
  }
}

/** Lists are sorted as a rule, and then this is one walk. */
function sortIpv4(ranges: Uint32Array): Uint32Array {
  let isSorted = true;
  for (let at = 2; at < ranges.length && isSorted; at += 2)
    isSorted = ranges[at - 2]! <= ranges[at]!;
  if (isSorted) return ranges.slice();
  const keys = new BigUint64Array(ranges.length / 2);
  for (let i = 0; i < keys.length; i++) {
    keys[i] = (BigInt(ranges[2 * i]!) << 32n) | BigInt(ranges[2 * i + 1]!);
  }
  keys.sort();
  const sorted = new Uint32Array(ranges.length);
  for (const [i, key] of keys.entries()) {
    sorted[2 * i] = Number(key >> 32n);
    sorted[2 * i + 1] = Number(key & 0xffff_ffffn);
  }
  return sorted;
}

function holdsIpv4(ranges: Uint32Array, address: number): boolean {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[2 * middle + 1]! < address) low = middle + 1;
    else high = middle;
  }
  return 2 * low < ranges.length && ranges[2 * low]! <= address;
}

function holdsIpv6(ranges: BigUint64Array, upper: bigint, lower: bigint): boolean {
  const isAtMost = (at: number): boolean =>
    ranges[at]! < upper || (ranges[at]! === upper && ranges[at + 1]! <= lower);
  let low = 0;
  let high = ranges.length / 4;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAtMost(4 * middle)) low = middle + 1;
    else high = middle;
  }
  // The last range that starts at the address or before it.
  if (low === 0) return false;
  const end = 4 * (low - 1) + 2;
  return ranges[end]! > upper || (ranges[end]! === upper && ranges[end + 1]! >= lower);
}
