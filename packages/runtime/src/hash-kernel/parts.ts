import type { Parts } from "../ports/disk.ts";

/**
 * Makes sure that every part lies within the memory: a vector load beyond it would be a trap.
 * @throws {RangeError} when one does not, or a length is missing.
 */
export function checkParts(parts: Parts, memoryBytes: number): void {
  if (parts.length % 2 !== 0) {
    throw new RangeError(`Parts are pairs of place and length; got ${parts.length} numbers.`);
  }
  for (let index = 0; index < parts.length; index += 2) {
    const [place = -1, lengthBytes = -1] = [parts[index], parts[index + 1]];
    const isWithin =
      Number.isSafeInteger(place) &&
      Number.isSafeInteger(lengthBytes) &&
      place >= 0 &&
      lengthBytes >= 0 &&
      place + lengthBytes <= memoryBytes;
    if (isWithin) continue;
    throw new RangeError(
      `Part ${index / 2} (place ${place}, ${lengthBytes} bytes) lies outside the memory of ${memoryBytes} bytes.`,
    );
  }
}

/** The parts of each `blockBytes` of the first `lengthBytes`; the last block may be shorter. */
export function splitParts(parts: Parts, lengthBytes: number, blockBytes: number): Parts[] {
  const blocks: number[][] = [];
  let block: number[] = [];
  let doneBytes = 0;
  for (let index = 0; index < parts.length; index += 2) {
    const [place = 0, partBytes = 0] = [parts[index], parts[index + 1]];
    const usefulBytes = Math.min(partBytes, lengthBytes - doneBytes);
    for (let usedBytes = 0; usedBytes < usefulBytes;) {
      const roomBytes = blockBytes - (doneBytes % blockBytes);
      if (roomBytes === blockBytes) blocks.push((block = []));
      const takenBytes = Math.min(roomBytes, usefulBytes - usedBytes);
      block.push(place + usedBytes, takenBytes);
      usedBytes += takenBytes;
      doneBytes += takenBytes;
    }
  }
  return blocks;
}
