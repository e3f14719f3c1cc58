import { crc32c, isPublicAddress, NODE_ID_LENGTH_BYTES, parseIp } from "@shoal/protocol";
import type { Random } from "@shoal/runtime";

/** Which bits of an address count: fewer of those that one owner may choose. */
const MASK_IPV4 = [0x03, 0x0f, 0x3f, 0xff] as const;
const MASK_IPV6 = [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff] as const;

/**
 * A node ID that others find to belong to this address, so that nobody can choose where in the
 * network to stand. Any ID serves at an address that is not public, and then it is random.
 * @see BEP 42
 */
export function createNodeId(address: string | null, random: Random): Uint8Array {
  const id = random.bytes(NODE_ID_LENGTH_BYTES);
  if (address === null || !isPublicAddress(address)) return id;
  const prefix = idPrefix(address, id[19]!);
  id[0] = prefix >>> 24;
  id[1] = prefix >>> 16;
  id[2] = ((prefix >>> 8) & 0xf8) | (id[2]! & 0x07);
  return id;
}

/**
 * Whether a node at this address may have this ID. Addresses that are not public are exempt.
 * @see BEP 42
 */
export function isSecureId(id: Uint8Array, address: string): boolean {
  if (!isPublicAddress(address)) return true;
  const prefix = idPrefix(address, id[19]!);
  const own = (id[0]! << 16) | (id[1]! << 8) | id[2]!;
  return ((own ^ (prefix >>> 8)) & 0xff_fff8) === 0;
}

/** The hash whose first 21 bits an ID starts with; `rand` is the ID's last byte. */
function idPrefix(address: string, rand: number): number {
  const ip = parseIp(address)!;
  const mask = ip.length === 4 ? MASK_IPV4 : MASK_IPV6;
  const masked = Uint8Array.from(mask, (bits, index) => ip[index]! & bits);
  masked[0]! |= (rand & 0x07) << 5;
  return crc32c(masked);
}
