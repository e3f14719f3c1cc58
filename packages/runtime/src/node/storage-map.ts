import { DiskError } from "../errors.ts";
import type { PartFile, StorageFile } from "../ports/disk.ts";
import { hasContent, layPartFile } from "./part-file.ts";

/**
 * Part of a range of the linear space: in a file, in the part file (`fileIndex` is the number of files), or in
 * a gap (`fileIndex` -1) that reads as zeros.
 */
export interface Segment {
  readonly fileIndex: number;
  /** Where the segment starts in its file. */
  readonly position: number;
  readonly lengthBytes: number;
}

/** Finds the files under a range of the linear space. */
export interface StorageMap {
  segments(offsetBytes: number, lengthBytes: number): Segment[];
}

interface Span {
  readonly fileIndex: number;
  readonly start: number;
  readonly end: number;
  /** Where the span starts in its file. */
  readonly position: number;
}

/** @throws {RangeError} when files overlap, or lengths or offsets are no byte counts. */
export function createStorageMap(files: readonly StorageFile[], partFile?: PartFile): StorageMap {
  const spans: Span[] = [];
  const parked = new Set(partFile?.parked);
  const slots = partFile === undefined ? [] : layPartFile(files, partFile.pieceLengthBytes);
  for (const [fileIndex, file] of files.entries()) {
    const { lengthBytes, offsetBytes } = file;
    if (!isByteCount(lengthBytes) || !isByteCount(offsetBytes)) {
      throw new RangeError(
        `${file.path.join("/")}: ${lengthBytes} bytes at ${offsetBytes} are not byte counts.`,
      );
    }
    if (!hasContent(file)) continue;
    const end = offsetBytes + lengthBytes;
    let start = offsetBytes;
    for (const slot of parked.has(fileIndex) ? (slots[fileIndex] ?? []) : []) {
      // What lies between belongs to pieces of this file alone: wanted or not, it is at home there.
      if (slot.offsetBytes > start) {
        const position = start - offsetBytes;
        spans.push({ fileIndex, start, end: slot.offsetBytes, position });
      }
      start = slot.offsetBytes + slot.lengthBytes;
      const { position } = slot;
      spans.push({ fileIndex: files.length, start: slot.offsetBytes, end: start, position });
    }
    if (start < end) spans.push({ fileIndex, start, end, position: start - offsetBytes });
  }
  spans.sort((a, b) => a.start - b.start);
  for (let index = 1; index < spans.length; index++) {
    const [before, after] = [spans[index - 1] as Span, spans[index] as Span];
    if (before.end > after.start) {
      const names = [before, after].map(({ fileIndex }) => files[fileIndex]?.path.join("/"));
      throw new RangeError(
        `${names.join(" and ")} overlap: one ends at ${before.end}, the other starts at ${after.start}.`,
      );
    }
  }
  return {
    segments(offsetBytes, lengthBytes) {
      const found: Segment[] = [];
      const end = offsetBytes + lengthBytes;
      let at = offsetBytes;
      for (let index = firstEndingAfter(spans, at); at < end; index++) {
        const span = spans[index];
        const gapEnd = Math.min(end, span?.start ?? end);
        if (gapEnd > at) {
          found.push({ fileIndex: -1, position: 0, lengthBytes: gapEnd - at });
          at = gapEnd;
        }
        if (span === undefined || at === end) break;
        const upTo = Math.min(end, span.end);
        found.push({
          fileIndex: span.fileIndex,
          position: span.position + at - span.start,
          lengthBytes: upTo - at,
        });
        at = upTo;
      }
      return found;
    },
  };
}

function isByteCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function firstEndingAfter(spans: readonly Span[], offset: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle] as Span).end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Refuses components that mean something to the system. Sanitising names is the caller's work;
 * this is the last line before the disk.
 * @throws {DiskError} `escapes-root`.
 */
export function assertSafePath(root: string, path: readonly string[]): void {
  for (const part of path) {
    if (part === "" || part === "." || part === ".." || /[/\0]/.test(part)) {
      const shown = [root, ...path].join("/").replaceAll("\0", "\\0");
      throw new DiskError(
        "escapes-root",
        shown,
        `${shown} is not a safe path: "${part}" may not be part of it.`,
      );
    }
  }
  if (path.length === 0)
    throw new DiskError("escapes-root", root, `A file below ${root} has no name.`);
}
