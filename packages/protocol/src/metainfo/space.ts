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
