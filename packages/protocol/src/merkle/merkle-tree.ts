import { concatBytes } from "../bytes/concat-bytes.ts";
import { BLOCK_LENGTH_BYTES } from "../peer-wire/message.ts";
import { HASH_LENGTH_BYTES, hashPair, padHash } from "./hash.ts";

/**
 * The layer above: one hash for each two of `layer`; an odd last one is paired with the pad hash.
 * @param layer hashes, 32 bytes each, without the ones that lie wholly past the end of the file.
 * @param height layers between `layer` and the leaves; 0 for the leaves themselves.
 */
export function foldLayer(layer: Uint8Array, height: number): Uint8Array {
  const count = hashCount(layer);
  const parents = new Uint8Array(Math.ceil(count / 2) * HASH_LENGTH_BYTES);
  for (let pair = 0; pair < Math.floor(count / 2); pair += 1) {
    const start = pair * 2 * HASH_LENGTH_BYTES;
    const children = layer.subarray(start, start + 2 * HASH_LENGTH_BYTES);
    parents.set(hashPair(children), pair * HASH_LENGTH_BYTES);
  }
  if (count % 2 === 1) {
    const last = layer.subarray((count - 1) * HASH_LENGTH_BYTES);
    const parent = hashPair(concatBytes([last, padHash(height)]));
    parents.set(parent, parents.length - HASH_LENGTH_BYTES);
  }
  return parents;
}

/**
 * Root of the full tree over `width` hashes, of which those past the end of `layer` are pads.
 * @param layer 1 to `width` hashes, 32 bytes each, in file order.
 * @param width a power of two; as narrow as the layer allows when left out.
 * @param height layers between `layer` and the leaves; 0, the leaves themselves, when left out.
 * @returns 32 bytes.
 * @throws {RangeError} when `layer` is empty, is no whole number of hashes, or is wider than `width`.
 * @see BEP 52, `pieces root`
 */
export function merkleRoot(layer: Uint8Array, width?: number, height = 0): Uint8Array {
  const count = hashCount(layer);
  const fullWidth = width ?? nextPowerOfTwo(count);
  if (count === 0 || count > fullWidth || !isPowerOfTwo(fullWidth)) {
    throw new RangeError(
      `Expected 1 hash or more in a power of two of places, got ${count} in ${fullWidth}`,
    );
  }
  let hashes = layer;
  let at = height;
  for (let places = fullWidth; places > 1; places /= 2) {
    hashes = foldLayer(hashes, at);
    at += 1;
  }
  return Uint8Array.from(hashes);
}

/**
 * The piece layer of a file: the root of each piece's leaves.
 * @param leaves SHA-256 of each 16 KiB block of the file.
 * @see BEP 52, `piece layers`
 */
export function pieceLayerFromLeaves(leaves: Uint8Array, pieceLengthBytes: number): Uint8Array {
  let layer = leaves;
  for (let height = 0; height < pieceLayerHeight(pieceLengthBytes); height += 1) {
    layer = foldLayer(layer, height);
  }
  return layer;
}

/**
 * The pieces root that a piece layer belongs to.
 * @param layer one hash for each piece of a file.
 * @throws {RangeError} when the layer is empty or no whole number of hashes.
 */
export function pieceLayerRoot(layer: Uint8Array, pieceLengthBytes: number): Uint8Array {
  return merkleRoot(layer, undefined, pieceLayerHeight(pieceLengthBytes));
}

/**
 * Layers between a file's leaves and its piece layer: 0 when a piece is one block of 16 KiB.
 * @throws {RangeError} when the piece length is no power of two of at least 16 KiB.
 */
export function pieceLayerHeight(pieceLengthBytes: number): number {
  const blocks = pieceLengthBytes / BLOCK_LENGTH_BYTES;
  if (!isPowerOfTwo(blocks)) {
    throw new RangeError(`Expected a power of two of at least 16 KiB, got ${pieceLengthBytes}`);
  }
  return Math.log2(blocks);
}

/** The smallest power of two that is not below `count`; 1 for 0. */
export function nextPowerOfTwo(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(count, 1)));
}

/** Whether `value` is 1, 2, 4, 8 and so on. */
export function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(value) && value > 0 && Number.isInteger(Math.log2(value));
}

/**
 * How many hashes the bytes are.
 * @throws {RangeError} when they are no whole number of hashes.
 */
export function hashCount(hashes: Uint8Array): number {
  const count = hashes.length / HASH_LENGTH_BYTES;
  if (!Number.isInteger(count)) {
    throw new RangeError(`Expected a multiple of 32 bytes of hashes, got ${hashes.length}`);
  }
  return count;
}
