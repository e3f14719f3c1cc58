import type { Detail, File } from "../remote/torrent-view.ts";
import { type Dialect, spellKeys } from "./names.ts";

/** Priorities of files as Transmission has them; the engine's go from 1 to 7, with 4 as normal. */
export const TRI_STATE = { low: -1, normal: 0, high: 1 } as const;
/** The engine's priorities for them. */
export const ENGINE_PRIORITY = { skip: 0, low: 1, normal: 4, high: 6 } as const;

export function toTriState(priority: number): number {
  if (priority > ENGINE_PRIORITY.normal) return TRI_STATE.high;
  return priority > 0 && priority < ENGINE_PRIORITY.normal ? TRI_STATE.low : TRI_STATE.normal;
}

export function describeFiles(
  files: readonly File[],
  detail: Pick<Detail, "pieceLengthBytes" | "versions">,
  dialect: Dialect,
): unknown[] {
  const ranges = pieceRanges(files, detail);
  return files.map(({ path, lengthBytes, doneBytes }, index) =>
    spellKeys(
      {
        bytes_completed: doneBytes,
        length: lengthBytes,
        name: path,
        begin_piece: ranges[index]!.first,
        end_piece: ranges[index]!.end,
      },
      "part",
      dialect,
    ),
  );
}

export function describeFileStats(files: readonly File[], dialect: Dialect): unknown[] {
  return files.map(({ doneBytes, priority }) =>
    spellKeys(
      { bytes_completed: doneBytes, wanted: priority > 0, priority: toTriState(priority) },
      "part",
      dialect,
    ),
  );
}

/**
 * The pieces that files touch: from `first` to before `end`. Files follow each other in v1 (BEP 3); in v2 and hybrids each
 * begins with a piece of its own (BEP 52).
 */
export function pieceRanges(
  files: readonly Pick<File, "lengthBytes">[],
  { pieceLengthBytes, versions }: Pick<Detail, "pieceLengthBytes" | "versions">,
): { readonly first: number; readonly end: number }[] {
  const length = Math.max(1, pieceLengthBytes);
  const isAligned = versions.includes("v2");
  let offset = 0;
  return files.map(({ lengthBytes }) => {
    if (isAligned) offset = Math.ceil(offset / length) * length;
    const first = Math.floor(offset / length);
    offset += lengthBytes;
    return { first, end: lengthBytes === 0 ? first : Math.ceil(offset / length) };
  });
}
