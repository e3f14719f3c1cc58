import { BLOCK_LENGTH_BYTES, fileSpans, type Metainfo } from "@shoal/protocol";
import type { Geometry } from "../storage/geometry.ts";

/** One step of a run: a range of one file to be fetched, or padding that is known to be zeros. */
export type RunStep =
  | {
      readonly fileIndex: number;
      readonly fileOffsetBytes: number;
      readonly lengthBytes: number;
    }
  | { readonly fileIndex: null; readonly lengthBytes: number };

/**
 * The requests that bring a run of blocks, one for each file, in order.
 * @param blocks Pairs `piece, block` that follow each other; padding between pieces is in no block.
 */
export function planRun(
  metainfo: Metainfo,
  geometry: Geometry,
  blocks: readonly number[],
): RunStep[] {
  const steps: RunStep[] = [];
  for (let at = 0; at < blocks.length;) {
    const offsetBytes = offsetOf(geometry, blocks[at]!, blocks[at + 1]!);
    let end = offsetBytes;
    for (; at < blocks.length; at += 2) {
      const [piece, block] = [blocks[at]!, blocks[at + 1]!];
      if (offsetOf(geometry, piece, block) !== end) break;
      end += geometry.blockLength(piece, block);
    }
    addRange(steps, metainfo, offsetBytes, end);
  }
  return steps;
}

function offsetOf({ pieceLengthBytes }: Geometry, piece: number, block: number): number {
  return piece * pieceLengthBytes + block * BLOCK_LENGTH_BYTES;
}

function addRange(steps: RunStep[], metainfo: Metainfo, offsetBytes: number, end: number): void {
  let at = offsetBytes;
  for (const span of fileSpans(metainfo, offsetBytes, end - offsetBytes)) {
    addZeros(steps, span.offsetBytes - at);
    const { fileIndex, fileOffsetBytes, lengthBytes } = span;
    const last = steps.at(-1);
    const continues =
      last !== undefined &&
      last.fileIndex === fileIndex &&
      last.fileOffsetBytes + last.lengthBytes === fileOffsetBytes;
    if (continues)
      steps[steps.length - 1] = { ...last, lengthBytes: last.lengthBytes + lengthBytes };
    else steps.push({ fileIndex, fileOffsetBytes, lengthBytes });
    at = span.offsetBytes + lengthBytes;
  }
  addZeros(steps, end - at);
}

function addZeros(steps: RunStep[], lengthBytes: number): void {
  if (lengthBytes > 0) steps.push({ fileIndex: null, lengthBytes });
}
