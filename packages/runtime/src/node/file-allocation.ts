import { spawnSync } from "node:child_process";
import { fstatSync } from "node:fs";
import { DiskError } from "../errors.ts";
import type { FileTable, KnownStorage } from "./file-table.ts";
import { pathOf } from "./file-table.ts";

/**
 * Reserves the room of a file that is not parked, without changing its length: what lies beyond what was written
 * stays recognisable. Node has no such call; util-linux brings a program for it.
 * @returns whether the system could.
 * @throws {DiskError} `full`.
 */
export function allocateFile(storage: KnownStorage, table: FileTable, fileIndex: number): boolean {
  const { lengthBytes, symlinkTarget } = storage.files[fileIndex]!;
  if (process.platform !== "linux" || storage.parked.has(fileIndex)) return false;
  if (lengthBytes === 0 || symlinkTarget !== undefined) return false;
  const descriptor = table.descriptor(storage, fileIndex, "write");
  storage.unsynced.add(fileIndex);
  const { size, blocks } = fstatSync(descriptor);
  if (size === lengthBytes && blocks * 512 >= lengthBytes) return true;
  const { status, stderr } = spawnSync(
    "fallocate",
    ["--keep-size", "--length", String(lengthBytes), "/dev/fd/3"],
    {
      stdio: ["ignore", "ignore", "pipe", descriptor],
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
    },
  );
  if (status === 0) return true;
  if (!/No space left|quota exceeded/i.test(String(stderr))) return false;
  const path = [storage.root, ...pathOf(storage, fileIndex)].join("/");
  throw new DiskError(
    "full",
    path,
    `No room for ${path}, which takes ${lengthBytes} bytes. Free some space, or choose a folder on another disk, and resume.`,
  );
}
