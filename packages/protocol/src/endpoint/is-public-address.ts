import { parseIp, parseIpv4 } from "./ip-address.ts";

/**
 * Whether an address is one that the public internet routes. False for loopback, private,
 * shared (100.64/10), link-local, benchmarking, multicast, reserved and unspecified addresses,
 * for fc00::/7 and fe80::/10, and for what is no address at all.
 *
 * Who follows addresses given by strangers (tracker and web seed URLs) asks this first, so that a
 * torrent cannot make the program speak to a router or to a service on its own machine.
 */
export function isPublicAddress(address: string): boolean {
  // Asked for every pair of peers: no bytes are made of IPv4.
  const ipv4 = parseIpv4(address);
  if (ipv4 !== null) return isPublicIpv4(ipv4 >>> 24, (ipv4 >>> 16) & 255, (ipv4 >>> 8) & 255);
  const bytes = parseIp(address);
  if (bytes === null) return false;
  return bytes.length === 4 ? isPublicIpv4At(bytes, 0) : isPublicIpv6(bytes);
}

function isPublicIpv4At(bytes: Uint8Array, offset: number): boolean {
  return isPublicIpv4(bytes[offset]!, bytes[offset + 1]!, bytes[offset + 2]!);
}

/** @param a The first three bytes. */
function isPublicIpv4(a: number, b: number, c: number): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100) return (b & 0xc0) !== 64;
  if (a === 169) return b !== 254;
  if (a === 172) return (b & 0xf0) !== 16;
  if (a === 192) return b !== 168 && !(b === 0 && c === 0);
  if (a === 198) return (b & 0xfe) !== 18;
  return true;
}

function isPublicIpv6(bytes: Uint8Array): boolean {
  const group = (index: number): number => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!;
  // Translation prefixes carry an IPv4 address that a gateway may well route inwards.
  if (group(0) === 0x64 && group(1) === 0xff9b) return isPublicIpv4At(bytes, 12);
  if (group(0) === 0x2002) return isPublicIpv4At(bytes, 2);
  // Only 2000::/3 is global unicast: ::1, fc00::/7, fe80::/10 and ff00::/8 all lie outside it.
  return group(0) >>> 13 === 1 && !(group(0) === 0x2001 && group(1) === 0xdb8);
}
