import { constants } from "node:fs";
import { link, mkdir, open, readdir, rename, rm, unlink } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { PrivateFolder } from "../ports/private-folder.ts";
import { toDiskError } from "./disk-errors.ts";

/** One name without a path in it. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,199}$/;

/** Far above any key file; what is larger is something else. */
const MAX_FILE_BYTES = 4 * 2 ** 20;

const TEMPORARY = ".new-";

/**
 * Opens a folder for small secrets; it is made with mode 0700 when the first file is written, and its files have 0600.
 * Calls throw a {@link DiskError}; a name that is no plain name is a `RangeError`.
 */
export function openPrivateFolder(path: string): PrivateFolder {
  const placeOf = (name: string): string => {
    if (!NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} is no name of a file.`);
    return join(path, name);
  };

  /** The bytes on disk under another name, from where one step puts them in place. */
  async function prepare(bytes: Uint8Array): Promise<string> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const temporary = join(path, TEMPORARY + randomBytes(8).toString("hex"));
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return temporary;
  }

  /** A new name is on disk once its folder is. */
  async function syncFolder(): Promise<void> {
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async function guard<T>(place: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toDiskError(error, place);
    }
  }

  return {
    path,
    async read(name) {
      const place = placeOf(name);
      try {
        const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW);
        try {
          const { size } = await file.stat();
          if (size > MAX_FILE_BYTES) throw new RangeError(`${place} is too large to be a key.`);
          return new Uint8Array(await file.readFile());
        } finally {
          await file.close();
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw toDiskError(error, place);
      }
    },
    async write(name, bytes) {
      const place = placeOf(name);
      await guard(place, async () => {
        const temporary = await prepare(bytes);
        try {
          await rename(temporary, place);
        } catch (error) {
          await rm(temporary, { force: true });
          throw error;
        }
        await syncFolder();
      });
    },
    async create(name, bytes) {
      const place = placeOf(name);
      await guard(place, async () => {
        const temporary = await prepare(bytes);
        try {
          // Unlike a renaming, a link never takes another file's place.
          await link(temporary, place);
        } finally {
          await unlink(temporary);
        }
        await syncFolder();
      });
    },
    async list() {
      try {
        const entries = await readdir(path, { withFileTypes: true });
        const names = entries.filter((entry) => entry.isFile() && NAME.test(entry.name));
        return names.map(({ name }) => name).sort();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw toDiskError(error, path);
      }
    },
    async remove(name) {
      const place = placeOf(name);
      await guard(place, async () => {
        try {
          await unlink(place);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
          throw error;
        }
        await syncFolder();
      });
    },
  };
}
