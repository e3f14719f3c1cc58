import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, pause } from "@shoal/runtime";

/** Text that is another one once something below a folder has changed: paths, lengths and times. */
export async function describeFolder(root: string): Promise<string> {
  const lines: string[] = [];
  // What cannot be read says so when the torrent is made.
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const info = await lstat(path).catch(() => null);
    if (info !== null) lines.push(`${path}\0${info.size}\0${info.mtimeMs}\0${info.mode}`);
  }
  return lines.sort().join("\n");
}

/**
 * Waits until a folder differs from `before` and has come to rest: two looks in a row see the same.
 * @throws the signal's reason.
 */
export async function untilFolderChanges(
  root: string,
  before: string,
  { clock, everyMs, signal }: { clock: Clock; everyMs: number; signal: AbortSignal },
): Promise<void> {
  let last = before;
  for (;;) {
    await pause(clock, everyMs, signal);
    const now = await describeFolder(root);
    if (now !== before && now === last) return;
    last = now;
  }
}
