import { BencodeDictionary, decodeBencode, encodeBencode, ProtocolError } from "@shoal/protocol";

const INFO_HASH_LENGTH_BYTES = 20;

/**
 * The value of a mutable item that names a torrent.
 * @param infoHash 20 bytes; of a v2 torrent, the first 20 of its infohash.
 * @see BEP 46
 */
export function encodeTorrentItem(infoHash: Uint8Array): Uint8Array {
  if (infoHash.length !== INFO_HASH_LENGTH_BYTES) {
    throw new RangeError(`Expected an infohash of 20 bytes, got ${infoHash.length}`);
  }
  return encodeBencode({ ih: infoHash });
}

/** The infohash that an item names; null when it names none. */
export function decodeTorrentItem(value: Uint8Array): Uint8Array | null {
  try {
    const decoded = decodeBencode(value, { allowUnsortedKeys: true });
    const infoHash = decoded instanceof BencodeDictionary ? decoded.bytes("ih") : undefined;
    return infoHash?.length === INFO_HASH_LENGTH_BYTES ? infoHash.slice() : null;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
