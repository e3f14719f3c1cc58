import { lstat, readdir, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import process from "node:process";
import type { CreationFile } from "@shoal/protocol";
import { CliError } from "../errors.ts";
import { toFileError } from "../process/file-error.ts";

/** What a torrent is made of, as it lies on disk. */
export interface FoundFiles {
  /** Name of the file or folder. */
  readonly name: string;
  /** The folder that the file, or the root folder, lies in. */
  readonly parent: string;
  readonly files: readonly CreationFile[];
  /** Sockets, devices and pipes, which no torrent can hold. */
  readonly skipped: readonly string[];
}

/**
 * Lists a file, or all files below a folder. Symbolic links that stay within the folder are kept as
 * links (BEP 47).
 * @throws {CliError} `not-found` or `file-failed`; also for a link that leads out of the folder.
 */
export async function listFiles(path: string): Promise<FoundFiles> {
  try {
    const root = await realpath(path);
    const info = await stat(root);
    if (info.isFile()) {
      const file = { path: [], lengthBytes: info.size, executable: isExecutable(info.mode) };
      return { name: basename(root), parent: dirname(root), files: [file], skipped: [] };
    }
    if (!info.isDirectory()) {
      throw new CliError("file-failed", `${path} is neither a file nor a folder`);
    }
    if (basename(root) === "") {
      throw new CliError(
        "file-failed",
        `${path} has no name to share it under: choose a folder in it`,
      );
    }
    return { name: basename(root), parent: dirname(root), ...(await listFolder(root)) };
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw toFileError(error, "read", (error as NodeJS.ErrnoException).path ?? path);
  }
}

async function listFolder(root: string): Promise<Pick<FoundFiles, "files" | "skipped">> {
  const files: CreationFile[] = [];
  const skipped: string[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const place = join(entry.parentPath, entry.name);
    const path = relative(root, place).split(sep);
    if (entry.isSymbolicLink()) {
      files.push({ path, lengthBytes: 0, symlinkTarget: await linkTarget(root, place) });
    } else if (entry.isFile()) {
      const { size, mode } = await lstat(place);
      files.push({ path, lengthBytes: size, executable: isExecutable(mode) });
    } else {
      skipped.push(place);
    }
  }
  return { files, skipped };
}

async function linkTarget(root: string, place: string): Promise<string[]> {
  const target = relative(root, resolve(dirname(place), await readlink(place))).split(sep);
  if (target[0] === ".." || target[0] === "" || resolve(root, ...target) === root) {
    throw new CliError(
      "file-failed",
      `${place} links to what lies outside of ${root}: remove the link, or put its target in its place`,
    );
  }
  return target;
}

function isExecutable(mode: number): boolean {
  return process.platform !== "win32" && (mode & 0o111) !== 0;
}
