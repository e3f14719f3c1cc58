import {
  BLOCK_LENGTH_BYTES,
  foldLayer,
  HASH_LENGTH_BYTES,
  hashCount,
  infoHashHex,
  needsPieceLayer,
  nextPowerOfTwo,
  padHash,
  pieceLayerHeight,
  piecesOfFile,
  type HashRange,
  type Metainfo,
} from "@shoal/protocol";

/** libtorrent's bound, which is above BEP 52's 512: leaves are asked for by the piece. */
const MAX_HASHES = 8192;

export type HashAnswer =
  /** Send `hashes`: those of the base layer, and the uncles. */
  | { readonly type: "hashes"; readonly hashes: Uint8Array }
  /** Hash the blocks of this piece (32 bytes each, without pads) and ask again with them as `leaves`. */
  | { readonly type: "leaves"; readonly piece: number }
  /** Send `hash reject`. */
  | { readonly type: "reject" };

/** A subtree: its lowest layer and all above it, without what lies past the end of the file. */
interface Subtree {
  readonly height: number;
  /** Places in the lowest layer, a power of two. */
  readonly width: number;
  /** From the lowest up to the one below the root. */
  readonly layers: readonly Uint8Array[];
}

const REJECT: HashAnswer = { type: "reject" };
/** A layer is folded once and not for every request, which would let a peer keep us busy for ever. */
const subtrees = new WeakMap<Uint8Array, Subtree>();

/**
 * Answers a peer's `hash request`. Served are the piece layer, and leaves within one piece.
 * @param init.pieceLayers Verified layers by the hex of the pieces root.
 * @param init.leaves What an answer `leaves` asked for.
 * @param init.hasPiece Pieces whose blocks are there and verified.
 * @see BEP 52, `hash request`
 */
export function answerHashRequest(init: {
  metainfo: Metainfo;
  pieceLayers: ReadonlyMap<string, Uint8Array>;
  hasPiece: (piece: number) => boolean;
  range: HashRange;
  leaves?: Uint8Array;
}): HashAnswer {
  const { metainfo, pieceLayers, hasPiece, range, leaves } = init;
  const { piecesRoot, baseLayer, index, count } = range;
  const fileIndex = metainfo.files.findIndex(
    (each) => each.piecesRoot !== null && Buffer.compare(each.piecesRoot, piecesRoot) === 0,
  );
  const file = metainfo.files[fileIndex];
  if (metainfo.v2 === null || file === undefined || count < 1 || count > MAX_HASHES) return REJECT;
  const height = pieceLayerHeight(metainfo.pieceLengthBytes);
  let above: Subtree | undefined;
  if (needsPieceLayer(file, metainfo.pieceLengthBytes)) {
    const layer = pieceLayers.get(infoHashHex(piecesRoot));
    if (layer === undefined) return REJECT;
    above = foldOnce(layer, height);
    if (baseLayer === height) return answerFrom(range, [{ subtree: above, place: index }]);
  }
  if (baseLayer !== 0) return REJECT;

  const { first, end } = piecesOfFile(metainfo, fileIndex);
  const blockCount = Math.ceil(file.lengthBytes / BLOCK_LENGTH_BYTES);
  const leafCount = above === undefined ? nextPowerOfTwo(blockCount) : 2 ** height;
  const pieceInFile = Math.floor(index / leafCount);
  const piece = first + pieceInFile;
  if (leafCount === 1 || piece >= end || !hasPiece(piece)) return REJECT;
  if (leaves === undefined) return { type: "leaves", piece };
  const path = [{ subtree: fold(leaves, 0, leafCount), place: index % leafCount }];
  if (above !== undefined) path.push({ subtree: above, place: pieceInFile });
  return answerFrom(range, path);
}

/** @param path The subtree of the range and then those above it, with the range's place in each. */
function answerFrom(
  { count, proofLayers }: HashRange,
  path: readonly { subtree: Subtree; place: number }[],
): HashAnswer {
  const [{ subtree: lowest, place }] = path as [(typeof path)[number]];
  const layer = lowest.layers[0]!;
  const layerCount = hashCount(layer);
  const treeHeight = path.reduce((sum, { subtree }) => sum + subtree.layers.length, 0);
  // Only at the end of a layer may a count be no power of two (BEP 52).
  const places = nextPowerOfTwo(count);
  if (place % places !== 0 || (places !== count && place + count !== layerCount)) return REJECT;
  if (place >= layerCount || place + places > lowest.width) return REJECT;
  if (proofLayers >= treeHeight) return REJECT;

  const parts: Uint8Array[] = [];
  for (let next = place; next < place + count; next++) {
    parts.push(hashAt(layer, next, lowest.height));
  }
  // The lowest proof layers are covered by the hashes themselves, and so are omitted.
  let covered = Math.log2(places);
  let uncles = Math.max(0, proofLayers + 1 - covered);
  for (const step of path) {
    let { place: node } = step;
    for (const [depth, hashes] of step.subtree.layers.entries()) {
      if (covered > 0) covered--;
      else if (uncles-- > 0) parts.push(hashAt(hashes, node ^ 1, step.subtree.height + depth));
      node >>>= 1;
    }
  }
  return { type: "hashes", hashes: Buffer.concat(parts) };
}

function foldOnce(layer: Uint8Array, height: number): Subtree {
  let subtree = subtrees.get(layer);
  if (subtree === undefined) {
    subtree = fold(layer, height, nextPowerOfTwo(hashCount(layer)));
    subtrees.set(layer, subtree);
  }
  return subtree;
}

function fold(lowest: Uint8Array, height: number, width: number): Subtree {
  const layers: Uint8Array[] = [];
  let layer = lowest;
  for (let places = width; places > 1; places /= 2) {
    layers.push(layer);
    layer = foldLayer(layer, height + layers.length - 1);
  }
  return { height, width, layers };
}

function hashAt(layer: Uint8Array, place: number, height: number): Uint8Array {
  const start = place * HASH_LENGTH_BYTES;
  return start < layer.length ? layer.subarray(start, start + HASH_LENGTH_BYTES) : padHash(height);
}
