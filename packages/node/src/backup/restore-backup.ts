import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { lockFile } from "@shoal/runtime/node";
import type { DaemonFolders } from "../daemon/daemon-core.ts";
import { NodeError } from "../errors.ts";
import { type Manifest, MANIFEST_NAME } from "./backup-files.ts";
import { readTar } from "./tar.ts";

/** A path within one of the folders, without anything that leads out of it. */
const NAME = /^(?:config|data|state)(?:\/(?!\.\.?(?:\/|$))[^/\\\0]+)+$/;
const MAX_MANIFEST_BYTES = 64 * 2 ** 20;

/**
 * Puts a node's state in place as a backup has it. Everything is checked against the backup's hashes before anything is
 * put in place.
 * @param path Of the backup.
 * @returns When the backup was made, and by which version.
 * @throws {NodeError} `conflict` where a node has its state already; `bad-request` for what is no whole backup;
 * {DiskError} `locked` while a daemon runs there.
 */
export async function restoreBackup(
  path: string,
  folders: DaemonFolders,
): Promise<Pick<Manifest, "version" | "createdAtMs">> {
  const unlock = lockFile(join(folders.state, "daemon.lock"), folders.state);
  const incoming = (kind: "config" | "data" | "state") => join(folders[kind], ".restoring");
  const kinds = ["config", "data", "state"] as const;
  try {
    await assertEmpty(folders);
    const manifest = await unpack(path, (name) => {
      const [kind, ...rest] = name.split("/");
      return join(incoming(kind as "config"), ...rest);
    });
    for (const kind of kinds) {
      const from = incoming(kind);
      for (const name of await readdir(from).catch(() => [])) {
        await rename(join(from, name), join(folders[kind], name));
      }
    }
    return manifest;
  } finally {
    for (const kind of kinds) await rm(incoming(kind), { recursive: true, force: true });
    unlock();
  }
}

/** A restored node beside another one would be neither. */
async function assertEmpty(folders: DaemonFolders): Promise<void> {
  const places = [
    [folders.state, "shoal.db"],
    [folders.config, "settings.json"],
    [folders.data, "wallets"],
    [folders.data, "chain"],
  ] as const;
  for (const [folder, name] of places) {
    const found: readonly string[] = await readdir(folder).catch(() => []);
    if (!found.includes(name)) continue;
    const text = `${join(folder, name)} is there already: move it away, or restore elsewhere (SHOAL_HOME).`;
    throw new NodeError("conflict", text);
  }
}

async function unpack(path: string, placeOf: (name: string) => string): Promise<Manifest> {
  const found = new Map<string, string>();
  let manifest = null as Manifest | null;
  try {
    await pipeline(createReadStream(path), createGunzip(), async (bytes) => {
      for await (const entry of readTar(bytes as AsyncIterable<Uint8Array>)) {
        if (entry.name === MANIFEST_NAME && entry.lengthBytes <= MAX_MANIFEST_BYTES) {
          const text = Buffer.concat(await Array.fromAsync(entry.content)).toString();
          manifest = JSON.parse(text) as Manifest;
          continue;
        }
        if (!NAME.test(entry.name) || found.has(entry.name)) throw notABackup(entry.name);
        found.set(entry.name, await write(placeOf(entry.name), entry.content));
      }
    });
  } catch (cause) {
    if (cause instanceof NodeError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new NodeError("not-found", `There is no file ${path}.`, { cause });
    throw notABackup((cause as Error).message, cause);
  }
  if (manifest?.format !== "shoal-backup") throw notABackup("it does not end as one");
  if (manifest.formatVersion !== 1) throw notABackup("a newer program has written it");
  for (const { name, sha256 } of manifest.files) {
    if (found.get(name) !== sha256) throw notABackup(`${name} is missing or damaged`);
  }
  if (found.size !== manifest.files.length) throw notABackup("it holds what it does not list");
  return manifest;
}

/** @returns The SHA-256 of what is on disk now. */
async function write(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const hash = createHash("sha256");
  const file = await open(path, "wx", 0o600);
  try {
    for await (const part of content) {
      hash.update(part);
      await file.writeFile(part);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

function notABackup(reason: string, cause?: unknown): NodeError {
  return new NodeError("bad-request", `This is no whole backup of a node: ${reason}.`, { cause });
}
