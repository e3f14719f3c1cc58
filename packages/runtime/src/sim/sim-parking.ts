import { layPartFile } from "../node/part-file.ts";
import type { PartFile, StorageFile } from "../ports/disk.ts";
import type { FileSystem } from "./file-system.ts";

/**
 * Copies what the part file has of a file to its own place, up to so many bytes.
 * @returns how many there were.
 */
export function bringHome(
  disk: FileSystem,
  init: { root: string; files: readonly StorageFile[]; partFile: PartFile; nowMs: number },
  fileIndex: number,
  limitBytes: number,
): number {
  const { root, files, partFile, nowMs } = init;
  const { path, offsetBytes } = files[fileIndex]!;
  const parts = disk.find(disk.place(root, partFile.path));
  if (parts === undefined) return 0;
  let done = 0;
  for (const slot of layPartFile(files, partFile.pieceLengthBytes)[fileIndex]!) {
    const there = Math.max(0, parts.content.lengthBytes - slot.position);
    const lengthBytes = Math.min(slot.lengthBytes, there, limitBytes - done);
    if (lengthBytes <= 0) continue;
    const bytes = new Uint8Array(lengthBytes);
    let at = 0;
    for (const [view, length] of parts.content.views(slot.position, lengthBytes)) {
      if (view !== null) bytes.set(view, at);
      at += length;
    }
    const place = disk.place(root, path);
    disk.writeAt(place, disk.create(place), slot.offsetBytes - offsetBytes, bytes, nowMs);
    done += lengthBytes;
  }
  return done;
}
