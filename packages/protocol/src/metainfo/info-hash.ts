import { toHex } from "../bytes/hex.ts";
import type { Metainfo } from "./metainfo.ts";

/** Bytes of an infohash on the wire: in handshakes, announces and the DHT. */
export const SWARM_HASH_LENGTH_BYTES = 20;

/** An infohash in lower-case hex: 40 digits for v1, 64 for v2. */
export function infoHashHex(infoHash: Uint8Array): string {
  return toHex(infoHash);
}

/** The first 20 bytes of a v2 infohash, by which a swarm is known on the wire (BEP 52). */
export function truncateInfoHash(infoHashV2: Uint8Array): Uint8Array {
  return Uint8Array.from(infoHashV2.subarray(0, SWARM_HASH_LENGTH_BYTES));
}

/**
 * The 20-byte hashes of the swarms that a torrent has part in: the v1 infohash, then the truncated v2
 * infohash. A hybrid torrent has both.
 */
export function swarmHashes({ v1, v2 }: Pick<Metainfo, "v1" | "v2">): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  if (v1) hashes.push(v1.infoHash);
  if (v2) hashes.push(truncateInfoHash(v2.infoHash));
  return hashes;
}
