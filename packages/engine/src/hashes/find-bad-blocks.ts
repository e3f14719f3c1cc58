import { HASH_LENGTH_BYTES } from "@shoal/protocol";

/**
 * Which blocks of a failed piece are not what the torrent says.
 * @param leaves SHA-256 of each block that came, 32 bytes each.
 * @param expectedLeaves What a peer proved them to be; as many.
 * @returns Indices of blocks, ascending.
 * @throws {RangeError} when there are not as many of the one as of the other.
 */
export function findBadBlocks(leaves: Uint8Array, expectedLeaves: Uint8Array): number[] {
  if (leaves.length !== expectedLeaves.length) {
    throw new RangeError(
      `Expected ${expectedLeaves.length} bytes of leaves, got ${leaves.length}: hash every block.`,
    );
  }
  const bad: number[] = [];
  for (let start = 0; start < leaves.length; start += HASH_LENGTH_BYTES) {
    const end = start + HASH_LENGTH_BYTES;
    if (Buffer.compare(leaves.subarray(start, end), expectedLeaves.subarray(start, end)) !== 0) {
      bad.push(start / HASH_LENGTH_BYTES);
    }
  }
  return bad;
}
