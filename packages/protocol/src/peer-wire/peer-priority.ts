import { parseIp } from "../endpoint/ip-address.ts";
import type { PeerEndpoint } from "../endpoint/compact-endpoints.ts";
import { crc32c } from "./crc32c.ts";

/**
 * How strongly two peers ought to be connected. Both sides compute the same number, so that a
 * newcomer takes a fair place in a full swarm and an attacker cannot fill everyone's slots.
 * @param client This side as the other side sees it: an external address.
 * @param peer The other side.
 * @returns An unsigned 32-bit number; the higher one wins.
 * @throws {RangeError} when an address is not an IP address, or the two are of different families.
 * @see BEP 40
 */
export function peerPriority(client: PeerEndpoint, peer: PeerEndpoint): number {
  const ours = parseIp(client.address);
  const theirs = parseIp(peer.address);
  if (ours === null || theirs === null || ours.length !== theirs.length) {
    throw new RangeError(
      `a peer priority takes two IP addresses of one family, not "${client.address}" and "${peer.address}"`,
    );
  }
  const common = commonPrefixLength(ours, theirs);
  if (common === ours.length) return crc32cOfSorted(portBytes(client), portBytes(peer));
  // The mask grows with what the addresses share, so that neighbours differ all the same.
  const wholeBytes = Math.max(ours.length === 4 ? 2 : 6, common + 1);
  return crc32cOfSorted(maskAddress(ours, wholeBytes), maskAddress(theirs, wholeBytes));
}

function commonPrefixLength(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function maskAddress(address: Uint8Array, wholeBytes: number): Uint8Array {
  return address.map((byte, at) => (at < wholeBytes ? byte : byte & 0x55));
}

function portBytes(endpoint: PeerEndpoint): Uint8Array {
  return Uint8Array.of(endpoint.port >>> 8, endpoint.port);
}

function crc32cOfSorted(a: Uint8Array, b: Uint8Array): number {
  const at = commonPrefixLength(a, b);
  const [low, high] = (a[at] ?? 0) <= (b[at] ?? 0) ? [a, b] : [b, a];
  return crc32c(Uint8Array.of(...low, ...high));
}
