import { lstat, mkdir, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import process from "node:process";
import { CliError } from "../errors.ts";
import { toFileError } from "../process/file-error.ts";

/** Versions lie in a folder of this name, each in one named after its infohash. */
const VERSIONS = ".versions";

/**
 * The versions of a followed torrent on disk. `DIR/NAME` is a link to the newest complete one, so that who reads
 * there never sees half of one and half of another.
 */
export class VersionFolder {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** All versions: where files that need not be fetched again are looked for. */
  get all(): string {
    return join(this.#dir, VERSIONS);
  }

  /** @param infoHash Hex. */
  placeOf(infoHash: string): string {
    return join(this.all, infoHash);
  }

  linkOf(name: string): string {
    return join(this.#dir, name);
  }

  /** @throws {CliError} `file-failed`. */
  async create(): Promise<void> {
    await mkdir(this.all, { recursive: true }).catch((error: unknown) => {
      throw toFileError(error, "write", this.all);
    });
  }

  /** @throws {CliError} `file-failed` when something stands where the link should. */
  async assertFree(name: string): Promise<void> {
    const link = this.linkOf(name);
    const info = await lstat(link).catch(() => null);
    if (name !== VERSIONS && (info === null || info.isSymbolicLink())) return;
    throw new CliError(
      "file-failed",
      `${link} is in the way: the newest version would stand there; move it away, or choose another --dir`,
    );
  }

  /**
   * Makes a version the one that is read, at once, and removes all others.
   * @param name The file or root folder of the torrent.
   * @throws {CliError} `file-failed`.
   */
  async switchTo(infoHash: string, name: string): Promise<void> {
    await this.assertFree(name);
    const link = this.linkOf(name);
    const isWindows = process.platform === "win32";
    const target = join(VERSIONS, infoHash, name);
    const draft = join(this.all, `${infoHash}.link`);
    try {
      await rm(draft, { force: true });
      // There junctions need no special right, and want whole paths; and nothing is renamed over one.
      if (isWindows) await symlink(resolve(this.#dir, target), draft, "junction");
      else await symlink(target, draft);
      if (isWindows) await rm(link, { force: true });
      await rename(draft, link);
      await this.#removeOthers(infoHash, name);
    } catch (error) {
      throw toFileError(error, "write", link);
    }
  }

  async #removeOthers(infoHash: string, name: string): Promise<void> {
    for (const entry of await readdir(this.all)) {
      const isVersion = /^[0-9a-f]{40}$/.test(entry) && entry !== infoHash;
      if (isVersion) await rm(join(this.all, entry), { recursive: true, force: true });
    }
    for (const entry of await readdir(this.#dir, { withFileTypes: true })) {
      if (!entry.isSymbolicLink() || entry.name === name) continue;
      const target = resolve(this.#dir, await readlink(join(this.#dir, entry.name)));
      const isOurs = target.startsWith(resolve(this.all) + sep);
      if (isOurs) await rm(join(this.#dir, entry.name));
    }
  }
}
