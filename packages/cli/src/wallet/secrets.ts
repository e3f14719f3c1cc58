import { open, readFile } from "node:fs/promises";
import process from "node:process";
import { CliError } from "../errors.ts";
import { toFileError } from "../process/file-error.ts";

/** A secret is a line: what is longer is another file. */
const MAX_SECRET_BYTES = 64 * 1024;

/**
 * A secret from a file, from stdin (`-`), or typed at the terminal. Never from the command line, where every user of the
 * machine sees it.
 * @param option Which option names the file, for messages.
 * @returns its first line without the line's end; all of it when `isWhole`.
 */
export async function readSecret(
  what: string,
  option: string,
  path: string | undefined,
  { isWhole = false, isNew = false }: { readonly isWhole?: boolean; readonly isNew?: boolean } = {},
): Promise<string> {
  if (path === undefined) return await askSecret(what, option, isNew);
  const text = path === "-" ? await readStdin() : await readSecretFile(path);
  const secret = isWhole ? text.trim() : (text.split(/\r?\n/)[0] ?? "");
  if (secret !== "") return secret;
  throw new CliError("usage", `${path === "-" ? "stdin" : path} is empty: expected ${what}`);
}

/** Writes a secret into a file of its owner's alone, which must not be there yet. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(text.endsWith("\n") ? text : `${text}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new CliError("usage", `${path} is there already: a secret is never written over`);
    }
    throw toFileError(error, "write", path);
  }
}

async function readSecretFile(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MAX_SECRET_BYTES) {
      throw new CliError("usage", `${path} is too long to be a secret`);
    }
    return bytes.toString("utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw toFileError(error, "read", path);
  }
}

async function readStdin(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString("utf8");
}

async function askSecret(what: string, option: string, isNew: boolean): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CliError("usage", `${what} is needed: name a file with ${option} FILE (- for stdin)`);
  }
  const secret = await typeSecret(`${what}: `);
  if (isNew && (await typeSecret(`${what}, again: `)) !== secret) {
    throw new CliError("usage", "the two are not the same: nothing was done");
  }
  return secret;
}

/** Asks without showing what is typed. */
async function typeSecret(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true).setEncoding("utf8").resume();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed = "";
  const take = (text: string): void => {
    for (const character of text) {
      if (character === "\r" || character === "\n") return resolve(typed);
      if (character === "\u0003") return reject(new CliError("interrupted", "interrupted"));
      if (character === "\u007f" || character === "\b") typed = typed.slice(0, -1);
      else typed += character;
    }
  };
  stdin.on("data", take);
  try {
    return await promise;
  } finally {
    stdin.off("data", take).setRawMode(false).pause();
    stderr.write("\n");
  }
}
