/** IP addresses as text and as bytes: 4 of them for IPv4, 16 for IPv6. */

const DOT = 0x2e;
const ZERO = 0x30;

/**
 * An IPv4 address as an unsigned 32-bit number. Leading zeros are refused: programs disagree on
 * whether they mean octal, and a guard that reads them differently from the resolver is no guard.
 * @returns null when `text` is anything else than four decimal bytes.
 */
export function parseIpv4(text: string): number | null {
  if (text.length > 15) return null;
  let address = 0;
  let byte = -1;
  let dots = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === DOT) {
      if (byte < 0 || ++dots > 3) return null;
      address = address * 256 + byte;
      byte = -1;
      start = i + 1;
    } else {
      const digit = char - ZERO;
      if (digit < 0 || digit > 9 || (byte === 0 && i > start)) return null;
      byte = (byte < 0 ? 0 : byte * 10) + digit;
      if (byte > 255) return null;
    }
  }
  return dots === 3 && byte >= 0 ? address * 256 + byte : null;
}

/**
 * An IP address as bytes. An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`, which sockets that take
 * both families report) gives the 4 bytes of the IPv4 address.
 * @returns null when `text` is not an address; a zone (`%eth0`) is not part of one.
 */
export function parseIp(text: string): Uint8Array | null {
  if (!text.includes(":")) {
    const address = parseIpv4(text);
    return address === null ? null : ipv4Bytes(address);
  }
  const bytes = parseIpv6(text);
  return bytes !== null && isMappedIpv4(bytes) ? bytes.slice(12) : bytes;
}

function ipv4Bytes(address: number): Uint8Array {
  return Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
}

function parseIpv6(text: string): Uint8Array | null {
  if (text.length > 45) return null;
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const bytes = new Uint8Array(16);
  head.forEach((group, index) => writeGroup(bytes, index, group));
  tail.forEach((group, index) => writeGroup(bytes, head.length + missing + index, group));
  return bytes;
}

function writeGroup(bytes: Uint8Array, index: number, group: number): void {
  bytes[index * 2] = group >>> 8;
  bytes[index * 2 + 1] = group;
}

/** 16-bit groups, the last two of which may be written as an IPv4 address. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes(".")) {
      const address = parseIpv4(part);
      if (address === null) return null;
      groups.push(address >>> 16, address & 0xffff);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups.length <= 8 ? groups : null;
}

/**
 * An address as text, IPv6 in the canonical form of RFC 5952.
 * @param bytes 4 or 16 of them, starting at `offset`.
 */
export function formatIp(bytes: Uint8Array, lengthBytes: 4 | 16, offset = 0): string {
  if (lengthBytes === 4) {
    return `${bytes[offset]!}.${bytes[offset + 1]!}.${bytes[offset + 2]!}.${bytes[offset + 3]!}`;
  }
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[offset + i]! << 8) | bytes[offset + i + 1]!);
  const [start, length] = longestZeroRun(groups);
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue;
    if (i - start > best[1]) best = [start, i - start];
    start = i + 1;
  }
  return best;
}

/** One spelling per address: for comparing addresses that come from different places. */
export function canonicalIp(text: string): string {
  const bytes = parseIp(text);
  return bytes === null ? text : formatIp(bytes, bytes.length === 4 ? 4 : 16);
}

function isMappedIpv4(bytes: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}
