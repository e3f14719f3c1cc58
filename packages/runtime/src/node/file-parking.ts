import { fstatSync, fsyncSync, lstatSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { DiskError } from "../errors.ts";
import { toDiskError } from "./disk-errors.ts";
import { syncFolder } from "./disk-upkeep.ts";
import type { FileTable, KnownStorage } from "./file-table.ts";
import { readFully, writeFully } from "./file-transfer.ts";
import { layPartFile } from "./part-file.ts";

const CHUNK_BYTES = 1024 * 1024;

/**
 * Brings home what the part file has of parked files that are not among `wanted`, durably.
 * @returns those of `wanted` that are parked, or do not exist and so can be.
 * @throws {DiskError}
 */
export function parkFiles(
  storage: KnownStorage,
  table: FileTable,
  wanted: readonly number[],
): number[] {
  const stays = new Set(wanted);
  for (const fileIndex of storage.parked) {
    if (!stays.has(fileIndex)) bringHome(storage, table, fileIndex);
  }
  return wanted.filter((index) => storage.parked.has(index) || !exists(storage, index));
}

/** @throws {DiskError} */
export function removePartFile(storage: KnownStorage): void {
  if (storage.partFile === undefined || storage.parked.size > 0) return;
  const path = [storage.root, ...storage.partFile.path].join("/");
  try {
    const place = storage.paths.place(storage.partFile.path, false);
    if (lstatSync(place).isFile()) unlinkSync(place);
  } catch (cause) {
    const error = toDiskError(cause, path);
    if (error.code !== "missing") throw error;
  }
}

function bringHome(storage: KnownStorage, table: FileTable, fileIndex: number): void {
  const file = storage.files[fileIndex];
  if (file === undefined || storage.partFile === undefined) return;
  const path = [storage.root, ...file.path].join("/");
  const availableBytes = lengthOfPartFile(storage, table);
  const slots = layPartFile(storage.files, storage.partFile.pieceLengthBytes)[fileIndex] ?? [];
  let isTouched = false;
  for (const slot of slots) {
    const end = Math.min(slot.position + slot.lengthBytes, availableBytes);
    for (let at = slot.position; at < end; at += CHUNK_BYTES) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end - at));
      readFully(table.descriptor(storage, storage.files.length, "read"), [chunk], at, path);
      const position = slot.offsetBytes - file.offsetBytes + at - slot.position;
      writeFully(table.descriptor(storage, fileIndex, "write"), [chunk], position, path);
      isTouched = true;
    }
  }
  if (!isTouched) return;
  try {
    fsyncSync(table.descriptor(storage, fileIndex, "write"));
    const folders = new Set(storage.paths.takeCreated());
    folders.add(dirname(storage.paths.place(file.path, false)));
    for (const folder of folders) syncFolder(folder);
  } catch (error) {
    throw toDiskError(error, path);
  }
}

function lengthOfPartFile(storage: KnownStorage, table: FileTable): number {
  try {
    return fstatSync(table.descriptor(storage, storage.files.length, "read")).size;
  } catch (error) {
    if (error instanceof DiskError && error.code === "missing") return 0;
    throw error;
  }
}

function exists(storage: KnownStorage, fileIndex: number): boolean {
  try {
    lstatSync(storage.paths.place(storage.files[fileIndex]?.path ?? [], false));
    return true;
  } catch (cause) {
    const error = toDiskError(cause, storage.root);
    if (error.code === "missing") return false;
    throw error;
  }
}
