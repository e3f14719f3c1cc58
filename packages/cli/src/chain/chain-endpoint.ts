import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { findShoalFolders } from "../process/shoal-folders.ts";

/** Where the program that runs a chain is reached; a file beside the chain says so while it runs. */
export interface ChainEndpoint {
  readonly http: string;
  readonly ws: string;
  readonly pid: number;
}

/** The folder of a chain: as named, or where the platform keeps such things. */
export function chainFolder(
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (named !== undefined) return resolve(named);
  return join(findShoalFolders(env, process.platform, homedir()).data, "chain");
}

/** What the program that runs the chain has written down; it may have been killed since. */
export async function readChainEndpoint(folder: string): Promise<ChainEndpoint | null> {
  try {
    const { http, ws, pid } = JSON.parse(await readFile(fileIn(folder), "utf8")) as ChainEndpoint;
    if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(http) || typeof ws !== "string") return null;
    return { http, ws, pid };
  } catch {
    return null;
  }
}

/** Only for whoever has the chain open. */
export async function writeChainEndpoint(folder: string, endpoint: ChainEndpoint): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const part = `${fileIn(folder)}.part`;
  await writeFile(part, `${JSON.stringify(endpoint)}\n`, { mode: 0o600 });
  await rename(part, fileIn(folder));
}

export async function removeChainEndpoint(folder: string): Promise<void> {
  await rm(fileIn(folder), { force: true });
}

function fileIn(folder: string): string {
  return join(folder, "rpc.json");
}
