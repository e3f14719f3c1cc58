import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DaemonFolders } from "../daemon/daemon-core.ts";
import type { TarEntry } from "./tar.ts";

/** What the archive says of itself; its last file, since it has the hashes of the others. */
export interface Manifest {
  readonly format: "shoal-backup";
  readonly formatVersion: 1;
  readonly version: string;
  readonly createdAtMs: number;
  readonly files: readonly {
    readonly name: string;
    readonly lengthBytes: number;
    readonly sha256: string;
  }[];
}

export const MANIFEST_NAME = "manifest.json";
export const DATABASE = "state/shoal.db";

/** Payload, what is made again, and what belongs to a process that runs. */
const LEFT_OUT =
  /^(?:downloads|sample)\/|^chain\/rpc\.json$|(?:^|\/)\.new-|\.(?:lock(?:-journal)?|sock|part)$/;

/**
 * The files of a backup: the database as it was copied, then everything that may be ahead of it, the chain among it.
 * @param databaseCopy Nobody writes to it.
 * @param skip Whether a folder holds payload.
 */
export async function* listBackupFiles(
  folders: DaemonFolders,
  databaseCopy: string,
  skip: (path: string) => boolean,
): AsyncGenerator<{ readonly name: string; readonly path: string }> {
  yield { name: DATABASE, path: databaseCopy };
  for (const kind of ["config", "data"] as const) {
    for await (const name of walk(folders[kind], "", skip)) {
      if (!LEFT_OUT.test(name)) yield { name: `${kind}/${name}`, path: join(folders[kind], name) };
    }
  }
}

/** Plain files below a folder; links are not followed. */
async function* walk(
  folder: string,
  below: string,
  skip: (path: string) => boolean,
): AsyncGenerator<string> {
  const found = await readdir(join(folder, below), { withFileTypes: true }).catch(() => []);
  for (const each of found.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = below === "" ? each.name : `${below}/${each.name}`;
    if (each.isFile()) yield name;
    else if (each.isDirectory() && !LEFT_OUT.test(`${name}/`) && !skip(join(folder, name))) {
      yield* walk(folder, name, skip);
    }
  }
}

/** A file as it is now: what is appended while it is read stays out. `hash` is told once it is read. */
export async function openEntry(
  name: string,
  path: string,
  hashed: (sha256: string) => void,
): Promise<TarEntry> {
  const { size: lengthBytes } = await stat(path);
  async function* read(): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    if (lengthBytes > 0) {
      for await (const part of createReadStream(path, { end: lengthBytes - 1 })) {
        hash.update(part as Uint8Array);
        yield part as Uint8Array;
      }
    }
    hashed(hash.digest("hex"));
  }
  return { name, lengthBytes, content: read() };
}
