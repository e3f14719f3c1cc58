import { concatBytes } from "../bytes/concat-bytes.ts";
import { MerkleError } from "../errors.ts";
import { HASH_LENGTH_BYTES, hashPair, padHash } from "./hash.ts";
import { foldLayer, hashCount, isPowerOfTwo, merkleRoot, nextPowerOfTwo } from "./merkle-tree.ts";

/** A run of hashes of one layer: `count` of them from `index` on, both aligned (BEP 52). */
export interface HashSpan {
  /** Layers between this layer and the leaves. */
  readonly height: number;
  /** Place of the first hash in its layer; a multiple of `count`. */
  readonly index: number;
  /** A power of two. It may reach past the end of the layer, where hashes are pads. */
  readonly count: number;
}

/**
 * The uncle hashes that prove a span: from the sibling of the span's own root up to the child of
 * the tree's root, 32 bytes each. Empty when the span is the whole layer.
 *
 * A `hashes` message (BEP 52) carries `count` hashes and the first
 * `max(0, proofLayers + 1 - log2(count))` of these.
 * @param layer the complete layer, without the hashes that lie wholly past the end of the file.
 * @throws {RangeError} when the span is not aligned or starts past the end of the layer.
 */
export function uncleHashes(layer: Uint8Array, span: HashSpan): Uint8Array {
  checkSpan(span);
  const width = nextPowerOfTwo(hashCount(layer));
  if (span.index >= hashCount(layer) || span.count > width) {
    throw new RangeError(`Expected a span inside ${hashCount(layer)} hashes, got ${span.index}`);
  }
  let hashes = layer;
  let { height, index } = span;
  let covered = span.count;
  const uncles: Uint8Array[] = [];
  for (let places = width; places > 1; places /= 2) {
    if (covered === 1) {
      uncles.push(hashAt(hashes, index % 2 === 0 ? index + 1 : index - 1, height));
    } else {
      covered /= 2;
    }
    index = Math.floor(index / 2);
    hashes = foldLayer(hashes, height);
    height += 1;
  }
  return concatBytes(uncles);
}

/**
 * Checks hashes that a peer sent against a root that is known.
 * @param root 32 bytes.
 * @param width places of the span's layer in the tree, a power of two. It fixes how long the proof
 * must be, so that an inner node can never pass for a hash of a lower layer.
 * @param hashes the span's hashes; `span.count` of them, pads included, or fewer where the rest
 * are pads.
 * @param uncles as {@link uncleHashes} gives them.
 * @throws {MerkleError} `bad-length` when there are too many or too few hashes, `root-mismatch` when
 * they do not lead to `root`.
 * @throws {RangeError} when the span is not aligned or lies outside the tree.
 */
export function verifyProof(
  root: Uint8Array,
  width: number,
  span: HashSpan,
  hashes: Uint8Array,
  uncles: Uint8Array,
): void {
  checkSpan(span);
  if (!isPowerOfTwo(width) || span.index + span.count > width) {
    throw new RangeError(`Expected a span inside ${width} places, got ${span.index}+${span.count}`);
  }
  const count = hashes.length / HASH_LENGTH_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > span.count) {
    throw new MerkleError(
      "bad-length",
      `Expected 1 to ${span.count} hashes of 32 bytes, got ${hashes.length} bytes`,
    );
  }
  const uncleCount = Math.log2(width / span.count);
  if (uncles.length !== uncleCount * HASH_LENGTH_BYTES) {
    throw new MerkleError(
      "bad-length",
      `Expected ${uncleCount} uncle hashes of 32 bytes, got ${uncles.length} bytes`,
    );
  }
  let node = merkleRoot(hashes, span.count, span.height);
  let index = span.index / span.count;
  for (let start = 0; start < uncles.length; start += HASH_LENGTH_BYTES) {
    const uncle = uncles.subarray(start, start + HASH_LENGTH_BYTES);
    node = hashPair(concatBytes(index % 2 === 0 ? [node, uncle] : [uncle, node]));
    index = Math.floor(index / 2);
  }
  if (Buffer.compare(node, root) !== 0) {
    throw new MerkleError("root-mismatch", "The hashes and their proof do not lead to the root");
  }
}

function hashAt(layer: Uint8Array, index: number, height: number): Uint8Array {
  const start = index * HASH_LENGTH_BYTES;
  return start < layer.length ? layer.subarray(start, start + HASH_LENGTH_BYTES) : padHash(height);
}

function checkSpan({ height, index, count }: HashSpan): void {
  if (!isPowerOfTwo(count) || !Number.isInteger(index / count) || index < 0 || height < 0) {
    throw new RangeError(
      `Expected an index that is a multiple of a power of two, got ${index} of ${count}`,
    );
  }
}
