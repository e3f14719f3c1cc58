import { createCipheriv } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { run } from "../clients/child.ts";
import { Scope } from "../clients/scope.ts";

const BIN = fileURLToPath(new URL("../../bin/shoal", import.meta.url));
const CHUNK_BYTES = 16 * 2 ** 20;

export type Version = "v1" | "v2" | "hybrid";

/** Memory rather than a disk, where the system has such a folder: disks differ too much. */
export const FAST_FOLDER = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A file of bytes that do not compress, and torrents of it. */
export interface Content {
  readonly dir: string;
  readonly path: string;
  readonly lengthBytes: number;
  torrent(version: Version): Promise<string>;
}

/** The content that contests share: one at a time, for it lies in memory. */
export class ContentShelf {
  #content: Content | null = null;
  #scope = new Scope();

  constructor(scope: Scope) {
    scope.defer(() => this.#scope.close());
  }

  /** Content of this length; what was made before for another length is deleted. */
  async take(lengthBytes: number): Promise<Content> {
    if (this.#content?.lengthBytes === lengthBytes) return this.#content;
    await this.#scope.close();
    this.#scope = new Scope();
    this.#content = await createContent(this.#scope, lengthBytes);
    return this.#content;
  }
}

async function createContent(scope: Scope, lengthBytes: number): Promise<Content> {
  const folder = await scope.folder(FAST_FOLDER);
  const dir = join(folder, "data");
  const path = join(dir, "content.bin");
  await mkdir(dir);
  const file = createWriteStream(path);
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, 1), Buffer.alloc(16));
  for (let left = lengthBytes; left > 0; left -= CHUNK_BYTES) {
    const chunk = cipher.update(Buffer.alloc(Math.min(CHUNK_BYTES, left)));
    if (!file.write(chunk)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
  const torrents = new Map<Version, Promise<string>>();
  const create = async (version: Version): Promise<string> => {
    const torrent = join(folder, `${version}.torrent`);
    await run(BIN, "create", path, "-o", torrent, `--${version}`, "--piece-length", "1M");
    return torrent;
  };
  return {
    dir,
    path,
    lengthBytes,
    torrent(version) {
      const made = torrents.get(version) ?? create(version);
      torrents.set(version, made);
      return made;
    },
  };
}
