import { MetainfoError } from "../errors.ts";

/**
 * The end of the linear space after `lengthBytes` more.
 * @throws {MetainfoError} `too-large` when a `number` cannot hold it exactly.
 */
export function addToSpace(spaceBytes: number, lengthBytes: number, field: string): number {
  const end = spaceBytes + lengthBytes;
  if (!Number.isSafeInteger(end)) {
    throw new MetainfoError(
      "too-large",
      field,
      "The torrent's files are longer than 2^53 - 1 bytes",
    );
  }
  return end;
}

/** The next multiple of `pieceLengthBytes`: where a file may start in a v2 torrent (BEP 52). */
export function alignToPiece(offsetBytes: number, pieceLengthBytes: number, field: string): number {
  const rest = offsetBytes % pieceLengthBytes;
  return rest === 0 ? offsetBytes : addToSpace(offsetBytes, pieceLengthBytes - rest, field);
}

/** Where a file lies in the linear space. */
export interface Extent {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/**
 * The first file that ends after an offset: the one that holds it, or else the next one.
 * @param files in the order of their offsets.
 * @returns the number of files when none ends after the offset.
 */
export function fileIndexAt(files: readonly Extent[], offsetBytes: number): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const file = files[middle]!;
    if (file.offsetBytes + file.lengthBytes > offsetBytes) high = middle;
    else low = middle + 1;
  }
  return low;
}
