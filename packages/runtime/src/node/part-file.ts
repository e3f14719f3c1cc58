import type { StorageFile } from "../ports/disk.ts";

/** A range of the linear space that lies in the part file while its file is parked. */
export interface PartSlot {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Where the range lies in the part file. */
  readonly position: number;
}

/**
 * The slots of each file: its bytes in a first and a last piece that it shares with another file. Every file has
 * its slots, parked or not, so that what is parked later changes no position.
 * @param files In the order of their offsets.
 */
export function layPartFile(
  files: readonly StorageFile[],
  pieceLengthBytes: number,
): readonly (readonly PartSlot[])[] {
  const slots: PartSlot[][] = files.map(() => []);
  const filled = [...files.keys()].filter((index) => hasContent(files[index]!));
  let position = 0;
  filled.forEach((fileIndex, at) => {
    const start = files[fileIndex]!.offsetBytes;
    const end = start + files[fileIndex]!.lengthBytes;
    const before = endOf(files[filled[at - 1] ?? -1]);
    const after = files[filled[at + 1] ?? -1]?.offsetBytes ?? Infinity;
    const first = Math.floor(start / pieceLengthBytes);
    const last = Math.floor((end - 1) / pieceLengthBytes);
    for (const piece of first === last ? [first] : [first, last]) {
      const from = piece * pieceLengthBytes;
      const to = from + pieceLengthBytes;
      if (before <= from && after >= to) continue;
      const offsetBytes = Math.max(start, from);
      const lengthBytes = Math.min(end, to) - offsetBytes;
      slots[fileIndex]!.push({ offsetBytes, lengthBytes, position });
      position += lengthBytes;
    }
  });
  return slots;
}

/** Whether bytes of the linear space are the file's. */
export function hasContent({ lengthBytes, symlinkTarget }: StorageFile): boolean {
  return lengthBytes > 0 && symlinkTarget === undefined;
}

function endOf(file: StorageFile | undefined): number {
  return file === undefined ? 0 : file.offsetBytes + file.lengthBytes;
}
