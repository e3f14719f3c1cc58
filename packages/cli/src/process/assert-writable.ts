import { access, constants } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { toFileError } from "./file-error.ts";

/**
 * Makes sure that a folder can be written to, or made where it is missing.
 * @throws {CliError} `file-failed` that names the folder, or the nearest one above it that exists.
 */
export async function assertWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    const parent = dirname(resolve(folder));
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (!isMissing || parent === resolve(folder)) throw toFileError(error, "write", folder);
    await assertWritable(parent);
  }
}
