import type { Dirent } from "node:fs";
import { link, lstat, mkdir, open, opendir, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { DiskError } from "@shoal/runtime";
import type { FileStamp, LocalFiles } from "./local-files.ts";

const CHUNK_BYTES = 256 * 1024;
const MAX_LINE_LENGTH = 4096;

/** The machine's files. */
export function createLocalFiles(): LocalFiles {
  return { stamp, read, lines, list, move };
}

async function stamp(path: string): Promise<FileStamp | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() !== true) return null;
  return { lengthBytes: found.size, modifiedMs: found.mtimeMs };
}

async function read(path: string, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of chunks(path, maxBytes)) parts.push(part);
  return Buffer.concat(parts);
}

async function* lines(path: string, maxBytes: number): AsyncGenerator<readonly string[]> {
  let rest = "";
  for await (const part of chunks(path, maxBytes)) {
    const batch = (rest + Buffer.from(part).toString("latin1")).split("\n");
    rest = batch.pop()!.slice(0, MAX_LINE_LENGTH);
    yield batch;
  }
  if (rest !== "") yield [rest];
}

/** A file that grows while it is read is no longer than it may be either. */
async function* chunks(path: string, maxBytes: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, "r").catch((error: unknown) => {
    throw toDiskError(error, path);
  });
  try {
    if (!(await file.stat()).isFile())
      throw new DiskError("not-a-file", path, `${path} is no file.`);
    let lengthBytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(CHUNK_BYTES),
        0,
        CHUNK_BYTES,
      );
      if (bytesRead === 0) return;
      lengthBytes += bytesRead;
      if (lengthBytes > maxBytes) {
        throw new DiskError("too-long", path, `${path} has more than ${maxBytes} bytes.`);
      }
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw toDiskError(error, path);
  } finally {
    await file.close();
  }
}

async function list(folder: string, most: number): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const entry of (await opendir(folder)) as AsyncIterable<Dirent>) {
      if (entry.isFile()) names.push(entry.name);
      if (names.length >= most) break;
    }
  } catch (error) {
    throw toDiskError(error, folder);
  }
  return names.toSorted();
}

async function move(from: string, to: string): Promise<void> {
  try {
    await mkdir(dirname(to), { recursive: true });
    await linkThenRemove(from, to);
  } catch (error) {
    throw toDiskError(error, to);
  }
}

/** A link never replaces what is there; where a file system has none, a look and a rename have to do. */
async function linkThenRemove(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV"].includes(codeOf(error))) throw error;
    if ((await lstat(to).catch(() => null)) !== null) {
      throw new DiskError("exists", to, `${to} is there already.`);
    }
    return await rename(from, to);
  }
  await unlink(from);
}

const CODES: Readonly<Record<string, DiskError["code"]>> = {
  ENOENT: "missing",
  ENOTDIR: "missing",
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "denied",
  EEXIST: "exists",
  ENOSPC: "full",
  EISDIR: "not-a-file",
};

function toDiskError(error: unknown, path: string): DiskError {
  if (error instanceof DiskError) return error;
  const message = error instanceof Error ? error.message : "unknown failure";
  return new DiskError(CODES[codeOf(error)] ?? "io", path, message, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
