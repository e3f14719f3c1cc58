import { readFile } from "node:fs/promises";
import { parseProxyUrl } from "@shoal/runtime";
import { CliError } from "../errors.ts";
import type { NetworkFlags } from "./network-flags.ts";

/**
 * The proxy's URL: of `--proxy`, else the first line of `--proxy-file`, else of the variable `SHOAL_PROXY`.
 * The file and the variable keep a password out of the list of processes.
 * @returns null when there is to be none.
 * @throws {CliError} `usage` when it names no proxy, `not-found` when the file cannot be read.
 */
export async function readProxyUrl(
  { proxy, proxyFile }: NetworkFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const [from, text] =
    proxy !== undefined
      ? ["--proxy", proxy]
      : proxyFile !== undefined
        ? [proxyFile, await readFirstLine(proxyFile)]
        : ["SHOAL_PROXY", env.SHOAL_PROXY ?? ""];
  if (text === "" && from === "SHOAL_PROXY") return null;
  try {
    parseProxyUrl(text);
  } catch (error) {
    throw new CliError("usage", `${from}: ${(error as Error).message}`);
  }
  return text;
}

async function readFirstLine(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).split("\n")[0]!.trim();
  } catch (cause) {
    throw new CliError(
      "not-found",
      `the proxy's file ${path} cannot be read: ${(cause as Error).message}`,
    );
  }
}
