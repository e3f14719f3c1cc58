import { createWriteStream } from "node:fs";
import { link, mkdir, open, rm, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { DaemonFolders } from "../daemon/daemon-core.ts";
import { NodeError } from "../errors.ts";
import { listBackupFiles, type Manifest, MANIFEST_NAME, openEntry } from "./backup-files.ts";
import { type TarEntry, writeTar } from "./tar.ts";

/**
 * Writes all of a node's state into one file that only its owner may read: settings, the database, wallets, keys and the
 * chain; payload stays where it is. A daemon may run meanwhile: the database is copied as of one moment, and what may be
 * ahead of it, the chain, after that.
 * @param path Absolute. It is there whole or not at all.
 * @throws {NodeError} `bad-request`, or `conflict` when something is there already.
 */
export async function makeBackup(
  path: string,
  init: {
    readonly folders: DaemonFolders;
    readonly version: string;
    readonly nowMs: number;
    /** Where payload lies. */
    readonly downloadFolder: string;
  },
): Promise<{ readonly path: string; readonly lengthBytes: number }> {
  const { folders, version, nowMs, downloadFolder } = init;
  if (!isAbsolute(path)) throw new NodeError("bad-request", "Expected an absolute path.");
  const copy = join(folders.state, "shoal.db.part");
  const part = `${path}.part`;
  try {
    await copyDatabase(join(folders.state, "shoal.db"), copy);
    await mkdir(dirname(path), { recursive: true });
    const skip = (folder: string): boolean => resolve(folder) === resolve(downloadFolder);
    const entries = collect(folders, { version, nowMs, copy, skip });
    await pipeline(
      Readable.from(writeTar(entries, nowMs / 1000), { objectMode: false }),
      createGzip(),
      createWriteStream(part, { mode: 0o600, flags: "w", flush: true }),
    );
    // Unlike a renaming, a link takes no other file's place.
    await link(part, path);
    await syncFolder(dirname(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new NodeError("conflict", `${path} is there already.`);
    if (code === "EACCES" || code === "ENOSPC" || code === "EROFS" || code === "ENOTDIR") {
      throw new NodeError("bad-request", `${path} cannot be written: ${code}.`, { cause: error });
    }
    throw error;
  } finally {
    await rm(part, { force: true });
    await rm(copy, { force: true });
  }
  const { size } = await stat(path);
  return { path, lengthBytes: size };
}

/** In steps, so that others get their turn. */
async function copyDatabase(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  const source = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
  try {
    await backup(source, to, { rate: 1000 });
  } finally {
    source.close();
  }
}

async function* collect(
  folders: DaemonFolders,
  init: { version: string; nowMs: number; copy: string; skip: (folder: string) => boolean },
): AsyncGenerator<TarEntry> {
  const { version, nowMs: createdAtMs, copy, skip } = init;
  const files: { name: string; lengthBytes: number; sha256: string }[] = [];
  for await (const { name, path } of listBackupFiles(folders, copy, skip)) {
    const entry = await openEntry(name, path, (sha256) => {
      files.push({ name, lengthBytes: entry.lengthBytes, sha256 });
    });
    yield entry;
  }
  const manifest: Manifest = {
    format: "shoal-backup",
    formatVersion: 1,
    version,
    createdAtMs,
    files,
  };
  const content = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  yield { name: MANIFEST_NAME, lengthBytes: content.length, content: [content] };
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
