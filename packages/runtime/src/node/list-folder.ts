import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FoundFile } from "../ports/disk.ts";

/** Plain files below a folder, after looking at `most` entries at the most; see `Disk.list`. */
export async function listFolder(root: string, most: number): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const waiting: (readonly string[])[] = [[]];
  let left = most;
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    const entries = await readdir(join(root, ...folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (left-- <= 0) return found;
      const path = [...folder, entry.name];
      if (entry.isDirectory()) waiting.push(path);
      if (!entry.isFile()) continue;
      const stat = await lstat(join(root, ...path)).catch(() => null);
      if (stat?.isFile() === true) found.push({ path, lengthBytes: stat.size });
    }
  }
  return found;
}
