import {
  HASH_LENGTH_BYTES,
  nextPowerOfTwo,
  verifyProof,
  type HashRange,
  MerkleError,
} from "@shoal/protocol";

/** BEP 52: a request should not be for more hashes. */
const MAX_REQUEST_HASHES = 512;

/** A run of hashes of one layer that are wanted, below a node of the tree that is known. */
export interface HashTarget {
  /** Root of the file's tree: it names the file to peers. */
  readonly piecesRoot: Uint8Array;
  /** Layer of the wanted hashes; 0 is the leaves. */
  readonly baseLayer: number;
  /** Place of the first in its layer. */
  readonly index: number;
  /** How many are wanted; the rest of the subtree is pads. */
  readonly count: number;
  /** Places in the subtree, a power of two. */
  readonly width: number;
  /** Root of the subtree, 32 bytes. */
  readonly root: Uint8Array;
  /** The hashes that have come and were proven. */
  readonly hashes: Uint8Array;
  /** Pieces that the hashes are of: who has one of them has the hashes. */
  readonly firstPiece: number;
  /** How many of the hashes belong to one piece. */
  readonly hashesPerPiece: number;
  readonly deliver: (hashes: Uint8Array) => void;
  /** Chunks still missing. */
  missing: number;
}

/** What one request asks for. */
export interface HashChunk {
  readonly target: HashTarget;
  readonly range: HashRange;
  /** Pieces that the hashes are of, from `firstPiece` to before `endPiece`. */
  readonly firstPiece: number;
  readonly endPiece: number;
  /** Who is asked now. */
  askedPeer: object | undefined;
  /** When each peer was last asked. */
  readonly askedAtMs: Map<object, number>;
}

/** Divides a target into requests, each with the proof up to the target's root. */
export function splitTarget(target: HashTarget): HashChunk[] {
  const chunks: HashChunk[] = [];
  const { piecesRoot, baseLayer, count, width, hashesPerPiece } = target;
  for (let start = 0; start < count; start += MAX_REQUEST_HASHES) {
    const wanted = Math.min(count - start, MAX_REQUEST_HASHES);
    chunks.push({
      target,
      range: {
        piecesRoot,
        baseLayer,
        index: target.index + start,
        count: nextPowerOfTwo(Math.max(wanted, 2)),
        // Layers are counted from the one above the hashes to the one below the root, also those
        // for which no uncle is sent because the hashes cover them.
        proofLayers: Math.log2(width) - 1,
      },
      firstPiece: target.firstPiece + Math.floor(start / hashesPerPiece),
      endPiece: target.firstPiece + Math.ceil((start + wanted) / hashesPerPiece),
      askedPeer: undefined,
      askedAtMs: new Map(),
    });
  }
  target.missing = chunks.length;
  return chunks;
}

/**
 * Takes over the hashes of a reply, if their proof leads to the target's root.
 * @returns false when the peer lied.
 */
export function acceptHashes({ target, range }: HashChunk, reply: Uint8Array): boolean {
  const { width, baseLayer, root, hashes } = target;
  const uncleBytes = Math.log2(width / range.count) * HASH_LENGTH_BYTES;
  const baseBytes = reply.length - uncleBytes;
  const start = range.index - target.index;
  // Peers may leave out the pads at the end of a layer, but nothing else.
  const wantedBytes = Math.min(target.count - start, range.count) * HASH_LENGTH_BYTES;
  if (baseBytes < wantedBytes) return false;
  const span = { height: baseLayer, index: start, count: range.count };
  try {
    verifyProof(root, width, span, reply.subarray(0, baseBytes), reply.subarray(baseBytes));
  } catch (error) {
    if (error instanceof MerkleError) return false;
    throw error;
  }
  hashes.set(reply.subarray(0, wantedBytes), start * HASH_LENGTH_BYTES);
  return true;
}
