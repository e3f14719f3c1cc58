import type { Parts } from "../ports/disk.ts";
import { KERNEL_BASE64 } from "./kernel-bytes.ts";
import { LaneFeed } from "./lane-feed.ts";
import { checkParts } from "./parts.ts";
import * as layout from "./scratch-layout.ts";
import { SHA1_INITIAL, SHA256_CONSTANTS, SHA256_INITIAL } from "./sha-constants.ts";
import type { SharedMemory } from "./web-assembly.ts";
import { instantiate } from "./web-assembly.ts";

const { CHUNK_BYTES, LANES, LANE_BUFFER_BYTES, SCRATCH_BYTES } = layout;

/** Hashes several messages side by side, one in each 32-bit lane of WebAssembly's vectors. */
export interface HashKernel {
  /**
   * SHA-1 of up to {@link LANES} messages, 20 bytes each. Equal lengths cost least: all lanes run
   * as long as the longest message.
   * @throws {RangeError} when there are more messages, or a part lies outside the memory.
   */
  readonly sha1Lanes: (messages: readonly Parts[]) => Uint8Array[];
  /** SHA-256 of up to {@link LANES} messages, 32 bytes each; otherwise as `sha1Lanes`. */
  readonly sha256Lanes: (messages: readonly Parts[]) => Uint8Array[];
  /**
   * One layer of a BEP 52 tree from the layer below.
   * @param nodes hashes of 32 bytes, an even number of them, in any memory.
   * @returns SHA-256 of each pair, 32 bytes each.
   * @throws {RangeError} when the length is no multiple of 64.
   */
  readonly sha256Pairs: (nodes: Uint8Array) => Uint8Array;
}

export interface HashKernelOptions {
  /** Where payload lies: a shared `WebAssembly.Memory`, which may be larger than is used. */
  readonly memory: SharedMemory;
  /** {@link SCRATCH_BYTES} of that memory from here on are this kernel's alone. A multiple of 64. */
  readonly scratchOffset: number;
}

type HashName = "sha1" | "sha256";

type Compress = (
  scratch: number,
  place0: number,
  place1: number,
  place2: number,
  place3: number,
  chunks: number,
) => void;

/**
 * @throws {RangeError} when the scratch region does not fit into the memory or is not aligned.
 * @throws {WebAssembly.CompileError} where the processor has no vector instructions.
 */
export function createHashKernel(options: HashKernelOptions): HashKernel {
  const { memory, scratchOffset } = options;
  const bytes = new Uint8Array(memory.buffer);
  if (
    !Number.isInteger(scratchOffset / CHUNK_BYTES) ||
    scratchOffset < 0 ||
    scratchOffset + SCRATCH_BYTES > bytes.length
  ) {
    throw new RangeError(
      `The scratch region needs ${SCRATCH_BYTES} bytes at a multiple of ${CHUNK_BYTES} within ${bytes.length} bytes of memory; got offset ${scratchOffset}.`,
    );
  }
  const module = Uint8Array.from(Buffer.from(KERNEL_BASE64, "base64"));
  const { sha1, sha256 } = instantiate(module, memory) as Readonly<Record<HashName, Compress>>;
  const state = new Uint32Array(memory.buffer, scratchOffset + layout.STATE_OFFSET, 8 * LANES);
  const buffers = scratchOffset + layout.LANE_BUFFERS_OFFSET;
  const feeds = Array.from(
    { length: LANES },
    (_, lane) => new LaneFeed(bytes, buffers + lane * LANE_BUFFER_BYTES),
  );
  new Uint32Array(
    memory.buffer,
    scratchOffset + layout.SHA256_CONSTANTS_OFFSET,
    SHA256_CONSTANTS.length * LANES,
  ).set(SHA256_CONSTANTS.flatMap((constant) => Array.from({ length: LANES }, () => constant)));

  function setState(initial: readonly number[]): void {
    initial.forEach((word, index) => state.fill(word, index * LANES, (index + 1) * LANES));
  }

  function writeDigest(lane: number, words: number, target: DataView, offset: number): void {
    for (let word = 0; word < words; word++) {
      target.setUint32(offset + 4 * word, state[word * LANES + lane] ?? 0);
    }
  }

  function hash(compress: Compress, initial: readonly number[], messages: readonly Parts[]) {
    if (messages.length > LANES) {
      throw new RangeError(`The kernel has ${LANES} lanes; got ${messages.length} messages.`);
    }
    for (const parts of messages) checkParts(parts, bytes.length);
    const digests = messages.map(() => new Uint8Array(4 * initial.length));
    setState(initial);
    messages.forEach((parts, lane) => feeds[lane]?.start(parts));
    for (;;) {
      const active = feeds.filter((feed) => !feed.isFinished);
      const [first] = active;
      if (first === undefined) return digests;
      // A lane without a message hashes another's bytes, and nobody looks at what comes out.
      const [a = first, b = first, c = first, d = first] = feeds.map((feed) =>
        feed.isFinished ? first : feed,
      );
      const chunks = Math.min(a.chunks, b.chunks, c.chunks, d.chunks);
      compress(scratchOffset, a.place, b.place, c.place, d.place, chunks);
      for (const feed of active) {
        feed.advance(chunks);
        const digest = feed.isFinished ? digests[feeds.indexOf(feed)] : undefined;
        if (digest === undefined) continue;
        writeDigest(feeds.indexOf(feed), initial.length, new DataView(digest.buffer), 0);
      }
    }
  }

  function sha256Pairs(nodes: Uint8Array): Uint8Array {
    if (nodes.length % CHUNK_BYTES !== 0) {
      throw new RangeError(`Pairs of hashes have 64 bytes each; got ${nodes.length} bytes.`);
    }
    const parents = new Uint8Array(nodes.length / 2);
    const view = new DataView(parents.buffer);
    const places = feeds.map((_, lane) => buffers + lane * LANE_BUFFER_BYTES);
    const [a = 0, b = 0, c = 0, d = 0] = places;
    for (const place of places) writePairPadding(bytes, place + CHUNK_BYTES);
    for (let at = 0; at < nodes.length; at += LANES * CHUNK_BYTES) {
      const pairs = Math.min(LANES, (nodes.length - at) / CHUNK_BYTES);
      for (let lane = 0; lane < pairs; lane++) {
        const pair = at + lane * CHUNK_BYTES;
        bytes.set(nodes.subarray(pair, pair + CHUNK_BYTES), places[lane]);
      }
      setState(SHA256_INITIAL);
      sha256(scratchOffset, a, b, c, d, 2);
      for (let lane = 0; lane < pairs; lane++) writeDigest(lane, 8, view, at / 2 + lane * 32);
    }
    return parents;
  }

  return {
    sha1Lanes: (messages) => hash(sha1, SHA1_INITIAL, messages),
    sha256Lanes: (messages) => hash(sha256, SHA256_INITIAL, messages),
    sha256Pairs,
  };
}

/** The chunk of padding after a message of 64 bytes. */
function writePairPadding(bytes: Uint8Array, place: number): void {
  bytes.fill(0, place, place + CHUNK_BYTES);
  bytes[place] = 0x80;
  bytes[place + CHUNK_BYTES - 2] = (CHUNK_BYTES * 8) >> 8;
}
