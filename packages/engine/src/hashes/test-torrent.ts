import {
  BLOCK_LENGTH_BYTES,
  describePiece,
  encodeBencode,
  hashBlock,
  infoHashHex,
  merkleRoot,
  needsPieceLayer,
  parseInfo,
  pieceLayerFromLeaves,
  type HashRange,
} from "@shoal/protocol";
import { answerHashRequest } from "./answer-hash-request.ts";

/** For tests: a v2 torrent without layers, and what a seed knows of it. Leaves are made up, not data hashed. */
export function createTestTorrent(blockCounts: readonly number[], blocksPerPiece: number) {
  const pieceLengthBytes = blocksPerPiece * BLOCK_LENGTH_BYTES;
  const leavesOf = blockCounts.map((count) =>
    Buffer.concat(
      Array.from({ length: count }, (_, block) => hashBlock(Buffer.from(`${count}/${block}`))),
    ),
  );
  const tree: Record<string, Record<string, Record<string, number | Uint8Array>>> = {};
  for (const [index, count] of blockCounts.entries()) {
    // The last block of each file is shorter than the others.
    const length = count * BLOCK_LENGTH_BYTES - 7;
    const name = `file ${String(index).padStart(4, "0")}`;
    tree[name] = { "": { length, "pieces root": merkleRoot(leavesOf[index]!) } };
  }
  const info = {
    "file tree": tree,
    "meta version": 2,
    name: "torrent",
    "piece length": pieceLengthBytes,
  };
  const metainfo = parseInfo(encodeBencode(info));
  const pieceLayers = new Map(
    metainfo.files
      .map((file, index) => [file, index] as const)
      .filter(([file]) => needsPieceLayer(file, pieceLengthBytes))
      .map(([file, index]) => [
        infoHashHex(file.piecesRoot!),
        pieceLayerFromLeaves(leavesOf[index]!, pieceLengthBytes),
      ]),
  );
  /** Leaves of one piece, without pads. */
  function leavesOfPiece(piece: number): Uint8Array {
    const { fileIndex, offsetBytes } = describePiece(metainfo, piece);
    const first = (offsetBytes - metainfo.files[fileIndex!]!.offsetBytes) / BLOCK_LENGTH_BYTES;
    return leavesOf[fileIndex!]!.subarray(first * 32, (first + blocksPerPiece) * 32);
  }
  function answer(range: HashRange, hasPiece: (piece: number) => boolean = () => true) {
    const init = { metainfo, pieceLayers, hasPiece, range };
    const first = answerHashRequest(init);
    if (first.type !== "leaves") return first;
    return answerHashRequest({ ...init, leaves: leavesOfPiece(first.piece) });
  }
  return { metainfo, pieceLayers, leavesOfPiece, answer, leavesOf };
}
