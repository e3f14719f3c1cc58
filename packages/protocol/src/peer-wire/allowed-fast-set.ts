import { createHash } from "node:crypto";
import { parseIp } from "../endpoint/ip-address.ts";

/** How many pieces a starting peer may have while it is choked. */
export const ALLOWED_FAST_SET_SIZE = 10;

/**
 * The pieces that a peer may ask for while it is choked. They follow from its /24 network, so
 * that many addresses in one network earn no more pieces than one.
 * @param address The peer's IPv4 address as this side sees it. The proposal has nothing for IPv6:
 * the set is empty then.
 * @param infoHash 20 bytes.
 * @param size How many pieces; all of them when the torrent has no more.
 * @see BEP 6, allowed fast set generation
 */
export function allowedFastSet(
  address: string,
  infoHash: Uint8Array,
  pieceCount: number,
  size: number = ALLOWED_FAST_SET_SIZE,
): number[] {
  const ip = parseIp(address);
  if (ip?.length !== 4) return [];
  if (pieceCount <= size) return Array.from({ length: pieceCount }, (_, piece) => piece);
  const pieces = new Set<number>();
  let seed = Buffer.from([ip[0]!, ip[1]!, ip[2]!, 0, ...infoHash]);
  while (pieces.size < size) {
    seed = createHash("sha1").update(seed).digest();
    for (let at = 0; at < 20 && pieces.size < size; at += 4) {
      pieces.add(seed.readUInt32BE(at) % pieceCount);
    }
  }
  return [...pieces];
}
