import { toHex } from "../bytes/hex.ts";
import { MetainfoError } from "../errors.ts";
import { HASH_LENGTH_BYTES } from "../merkle/hash.ts";
import { pieceLayerRoot } from "../merkle/merkle-tree.ts";

/** What of a file its piece layer must fit. */
export interface LayeredFile {
  readonly lengthBytes: number;
  readonly piecesRoot: Uint8Array | null;
}

/** Whether a file has a piece layer: only when it is longer than one piece (BEP 52). */
export function needsPieceLayer(
  file: LayeredFile,
  pieceLengthBytes: number,
): file is LayeredFile & { readonly piecesRoot: Uint8Array } {
  return file.piecesRoot !== null && file.lengthBytes > pieceLengthBytes;
}

/**
 * Checks a piece layer against the file it is said to be of.
 * @throws {MetainfoError} `invalid-piece-layer` when it has another number of hashes than the file has
 * pieces, or does not hash to the file's pieces root.
 */
export function checkPieceLayer(
  file: LayeredFile,
  layer: Uint8Array,
  pieceLengthBytes: number,
): void {
  const expected = Math.ceil(file.lengthBytes / pieceLengthBytes) * HASH_LENGTH_BYTES;
  if (file.piecesRoot === null || layer.length !== expected) {
    throw invalidLayer(`has ${layer.length} bytes instead of ${expected}`, file);
  }
  if (Buffer.compare(pieceLayerRoot(layer, pieceLengthBytes), file.piecesRoot) !== 0) {
    throw invalidLayer("does not hash to the file's pieces root", file);
  }
}

/**
 * The layers of all files that need one, verified, by the hex of the pieces root.
 * @param findLayer the layer said to be of a pieces root, given in hex.
 * @param allowMissing accept files without a layer, whose hashes peers will be asked for.
 * @throws {MetainfoError} `invalid-piece-layer`.
 */
export function collectPieceLayers(
  files: readonly LayeredFile[],
  findLayer: (piecesRootHex: string) => Uint8Array | undefined,
  pieceLengthBytes: number,
  allowMissing: boolean,
): Map<string, Uint8Array> {
  const verified = new Map<string, Uint8Array>();
  const lengths = new Map<string, number>();
  for (const file of files) {
    if (!needsPieceLayer(file, pieceLengthBytes)) continue;
    const key = toHex(file.piecesRoot);
    const layer = findLayer(key);
    if (layer === undefined) {
      if (allowMissing) continue;
      throw invalidLayer("is missing", file);
    }
    // Files alike share a root and a layer, which is hashed once.
    if (lengths.get(key) === file.lengthBytes) continue;
    checkPieceLayer(file, layer, pieceLengthBytes);
    lengths.set(key, file.lengthBytes);
    verified.set(key, layer);
  }
  return verified;
}

function invalidLayer(what: string, file: LayeredFile): MetainfoError {
  const root = file.piecesRoot === null ? "none" : toHex(file.piecesRoot);
  return new MetainfoError(
    "invalid-piece-layer",
    "piece layers",
    `The piece layer of the file with pieces root ${root} ${what}`,
  );
}
