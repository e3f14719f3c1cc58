import { readFile, writeFile } from "node:fs/promises";
import { fromHex, ITEM_KEY_LENGTH_BYTES, toHex } from "@shoal/protocol";
import { CliError } from "../errors.ts";
import { toFileError } from "../process/file-error.ts";

/**
 * The private key in a file: 32 bytes in hex, one line. Where there is no file one is made, which only its
 * owner may read.
 * @param createSeed 32 random bytes.
 * @throws {CliError} `file-failed` when it cannot be read or written, or holds something else.
 */
export async function loadKeyFile(
  path: string,
  createSeed: () => Uint8Array,
): Promise<{ seed: Uint8Array; isNew: boolean }> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw toFileError(error, "read", path);
    const seed = createSeed();
    try {
      await writeFile(path, `${toHex(seed)}\n`, { mode: 0o600, flag: "wx" });
    } catch (failure) {
      throw toFileError(failure, "write", path);
    }
    return { seed, isNew: true };
  }
  const hex = text.trim();
  if (!/^[0-9a-f]+$/i.test(hex) || hex.length !== 2 * ITEM_KEY_LENGTH_BYTES) {
    throw new CliError(
      "file-failed",
      `${path} holds no key: expected ${2 * ITEM_KEY_LENGTH_BYTES} hex digits`,
    );
  }
  return { seed: fromHex(hex), isNew: false };
}
