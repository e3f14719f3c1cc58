import { NODE_ID_LENGTH_BYTES } from "@shoal/protocol";
import type { Random } from "@shoal/runtime";

/** Bits of a node ID, an infohash and a target: all share one space. */
export const NODE_ID_BITS = NODE_ID_LENGTH_BYTES * 8;

/** How many leading bits two IDs share; 160 when they are equal. */
export function sharedPrefixBits(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < NODE_ID_LENGTH_BYTES; i++) {
    const difference = a[i]! ^ b[i]!;
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return NODE_ID_BITS;
}

/** Negative when `a` is closer to the target than `b` by the XOR metric, 0 when they are equal. */
export function compareDistance(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < NODE_ID_LENGTH_BYTES; i++) {
    const order = (a[i]! ^ target[i]!) - (b[i]! ^ target[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

export function isSameId(a: Uint8Array, b: Uint8Array): boolean {
  return sharedPrefixBits(a, b) === NODE_ID_BITS;
}

/** A random ID that shares exactly `bits` leading bits with `id`: one that falls into that bucket. */
export function randomIdSharing(id: Uint8Array, bits: number, random: Random): Uint8Array {
  const result = random.bytes(NODE_ID_LENGTH_BYTES);
  for (let bit = 0; bit <= bits && bit < NODE_ID_BITS; bit++) {
    const mask = 0x80 >>> (bit & 7);
    const isSet = (id[bit >>> 3]! & mask) !== 0;
    if (isSet === bit < bits) result[bit >>> 3]! |= mask;
    else result[bit >>> 3]! &= ~mask;
  }
  return result;
}
