import type { Parts } from "../ports/disk.ts";
import type { HashKernelOptions } from "./hash-kernel.ts";
import { createHashKernel } from "./hash-kernel.ts";
import type { LaneCosts } from "./lane-costs.ts";
import { NEVER_LANES } from "./lane-costs.ts";
import { checkParts, splitParts } from "./parts.ts";
import { LANES } from "./scratch-layout.ts";
import { hashBlocks, hashMessage, hashPairs } from "./single-hashes.ts";

const HASH_BYTES = 32;

/** BEP 52: the unit of its trees. */
const BLOCK_BYTES = 16 * 1024;

/** Hashes what lies in one shared memory: together in lanes or one by one, whichever is faster. */
export interface Hasher {
  /**
   * SHA-1 of each message, 20 bytes. The more messages at once, the faster each.
   * @throws {RangeError} when a part lies outside the memory.
   */
  sha1(messages: readonly Parts[]): Uint8Array[];
  /**
   * BEP 52: SHA-256 of each 16 KiB block, 32 bytes each, concatenated; one array for each entry.
   * @throws {RangeError} when a part lies outside the memory.
   */
  leaves(contents: readonly BlockContent[]): Uint8Array[];
  /**
   * BEP 52: the root over `leafCount` leaves, a power of two; missing ones are 32 zero bytes.
   * @param leaves 32 bytes each, in any memory; at most `leafCount` of them.
   */
  merkleRoot(leaves: Uint8Array, leafCount: number): Uint8Array;
}

export interface BlockContent {
  readonly parts: Parts;
  /** Only so much of `parts` is content; blocks end here. */
  readonly lengthBytes: number;
}

export interface HasherOptions extends HashKernelOptions {
  /** From `measureLaneCosts`, or `ALWAYS_LANES` or `NEVER_LANES`. */
  readonly costs: LaneCosts;
}

/** @throws {RangeError} as `createHashKernel` does. */
export function createHasher(options: HasherOptions): Hasher {
  const { costs } = options;
  const bytes = new Uint8Array(options.memory.buffer);
  const kernel = costs === NEVER_LANES ? null : createHashKernel(options);

  function hashAll(
    messages: readonly Parts[],
    algorithm: "sha1" | "sha256",
    cost: number,
  ): Uint8Array[] {
    for (const parts of messages) checkParts(parts, bytes.length);
    const lanes = algorithm === "sha1" ? kernel?.sha1Lanes : kernel?.sha256Lanes;
    const lengths = messages.map(partsLength);
    const longestFirst = lengths.map((_, index) => index);
    longestFirst.sort((left, right) => (lengths[right] ?? 0) - (lengths[left] ?? 0));
    const digests: Uint8Array[] = [];
    for (let next = 0; next < longestFirst.length;) {
      const group = longestFirst.slice(next, next + LANES);
      const [longest = 0] = group;
      const totalBytes = group.reduce((sum, index) => sum + (lengths[index] ?? 0), 0);
      if (lanes !== undefined && totalBytes >= cost * (lengths[longest] ?? 0)) {
        const found = lanes(group.map((index) => messages[index] ?? []));
        group.forEach((index, lane) => (digests[index] = found[lane] ?? new Uint8Array()));
        next += group.length;
      } else {
        digests[longest] = hashMessage(algorithm, bytes, messages[longest] ?? []);
        next++;
      }
    }
    return digests;
  }

  function hashLayer(nodes: Uint8Array): Uint8Array {
    const groups = Math.ceil(nodes.length / (2 * HASH_BYTES) / LANES);
    const usesLanes = kernel !== null && nodes.length >= 2 * HASH_BYTES * costs.pairs * groups;
    return usesLanes ? kernel.sha256Pairs(nodes) : hashPairs(nodes);
  }

  return {
    sha1: (messages) => hashAll(messages, "sha1", costs.sha1),
    leaves(contents) {
      if (kernel === null) {
        return contents.map(({ parts, lengthBytes }) => {
          checkParts(parts, bytes.length);
          return hashBlocks(bytes, parts, lengthBytes, BLOCK_BYTES);
        });
      }
      const blocks = contents.map(({ parts, lengthBytes }) =>
        splitParts(parts, lengthBytes, BLOCK_BYTES),
      );
      const digests = hashAll(blocks.flat(), "sha256", costs.sha256);
      let first = 0;
      return blocks.map(({ length }) => Buffer.concat(digests.slice(first, (first += length))));
    },
    merkleRoot(leaves, leafCount) {
      let layer = leaves.length === 0 ? new Uint8Array(HASH_BYTES) : leaves;
      let padding = new Uint8Array(HASH_BYTES);
      for (let width = leafCount; width > 1; width /= 2) {
        const isOdd = (layer.length / HASH_BYTES) % 2 === 1;
        // The pair of two padding nodes goes along: it is the padding of the layer above.
        const pairs = [layer, ...(isOdd ? [padding] : []), padding, padding];
        const parents = hashLayer(Buffer.concat(pairs));
        layer = parents.subarray(0, -HASH_BYTES);
        padding = parents.slice(-HASH_BYTES);
      }
      return layer;
    },
  };
}

function partsLength(parts: Parts): number {
  let lengthBytes = 0;
  for (let index = 1; index < parts.length; index += 2) lengthBytes += parts[index] ?? 0;
  return lengthBytes;
}
