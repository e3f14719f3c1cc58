import { open } from "node:fs/promises";
import type { Random } from "@shoal/runtime";
import { toFileError } from "../process/file-error.ts";

const CHUNK_BYTES = 1024 * 1024;

/**
 * Writes a file that nothing can compress.
 * @throws {CliError} when it cannot be written; the signal's reason when it is aborted.
 */
export async function writeRandomFile(
  path: string,
  lengthBytes: number,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(path, "w").catch((error: unknown) => {
    throw toFileError(error, "write", path);
  });
  try {
    for (let done = 0; done < lengthBytes; done += CHUNK_BYTES) {
      signal.throwIfAborted();
      await file.write(random.bytes(Math.min(CHUNK_BYTES, lengthBytes - done)));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw toFileError(error, "write", path);
  } finally {
    await file.close();
  }
}
