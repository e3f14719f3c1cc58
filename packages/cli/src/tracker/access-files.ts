import { readFile, stat } from "node:fs/promises";
import type { Clock } from "@shoal/runtime";
import {
  type AccessRules,
  type Accounts,
  parseAddressList,
  parseTorrentList,
  TrackerListError,
} from "@shoal/tracker";
import { CliError } from "../errors.ts";
import { toFileError } from "../process/file-error.ts";

/** Files that say who may announce what. */
export interface AccessFileOptions {
  readonly allowList?: string;
  readonly denyList?: string;
  readonly denyAddresses?: string;
}

const LOOK_MS = 5_000;

/**
 * Reads the lists.
 * @throws {CliError} that names the file, and the line where it cannot be read.
 */
export async function readAccessFiles(options: AccessFileOptions): Promise<AccessRules> {
  const { allowList, denyList, denyAddresses } = options;
  return {
    ...(allowList !== undefined && {
      allowedTorrents: await readList(allowList, parseTorrentList),
    }),
    ...(denyList !== undefined && { deniedTorrents: await readList(denyList, parseTorrentList) }),
    ...(denyAddresses !== undefined && {
      deniedAddresses: await readList(denyAddresses, parseAddressList),
    }),
  };
}

/**
 * Calls `onChange` with the rules whenever one of the files has changed. A file that cannot be read
 * leaves the rules as they are, and is told.
 * @returns a function that ends it.
 */
export function watchAccessFiles(init: {
  readonly options: AccessFileOptions;
  readonly clock: Clock;
  readonly accounts: Accounts | undefined;
  readonly onChange: (rules: AccessRules) => void;
  readonly onBroken: (error: Error) => void;
}): () => void {
  const { options, clock, accounts, onChange, onBroken } = init;
  const files = [options.allowList, options.denyList, options.denyAddresses].filter(
    (file) => file !== undefined,
  );
  let seen: string | null = null;

  async function look(): Promise<void> {
    await accounts?.reload();
    if (files.length === 0) return;
    const stats = await Promise.all(files.map(async (file) => stat(file)));
    const now = stats.map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`).join();
    if (now === seen) return;
    const isFirst = seen === null;
    seen = now;
    if (isFirst) return;
    const rules = await readAccessFiles(options);
    onChange(accounts === undefined ? rules : { ...rules, accounts });
  }

  const lookSafely = (): void => void look().catch((error: unknown) => onBroken(error as Error));
  lookSafely();
  const timer = clock.setRepeating(LOOK_MS, lookSafely);
  return () => timer.cancel();
}

async function readList<List>(file: string, parse: (text: string) => List): Promise<List> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw toFileError(error, "read", file);
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TrackerListError)) throw error;
    throw new CliError("file-failed", `${file}, ${error.message}`, { cause: error });
  }
}
