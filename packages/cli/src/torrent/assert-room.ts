import { stat, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Torrent } from "@shoal/engine";
import type { Disk } from "@shoal/runtime";
import { CliError } from "../errors.ts";
import { formatBytes } from "../output/format.ts";
import { assertWritable } from "../process/assert-writable.ts";
import type { TorrentOutput } from "./torrent-output.ts";

/**
 * Says what would stop a download, before the first byte is fetched.
 * @throws {CliError} `file-failed` when nothing can be written, or there is no room for a single piece.
 */
export async function assertRoom(
  torrent: Torrent,
  disk: Pick<Disk, "freeBytes">,
  output: Pick<TorrentOutput, "warn">,
): Promise<void> {
  const { wantedBytes, verifiedBytes } = torrent.status();
  if (wantedBytes === verifiedBytes) return;
  await assertWritable(torrent.dir);
  const freeBytes = await disk.freeBytes(torrent.dir);
  const missingBytes = wantedBytes - verifiedBytes;
  if (missingBytes <= freeBytes) return;
  // Room that an earlier run has taken need not be free.
  const neededBytes = wantedBytes - Math.max(verifiedBytes, await takenBytes(torrent));
  if (neededBytes <= freeBytes) return;
  const words = `${formatBytes(neededBytes)} are missing, but ${torrent.dir} has `;
  const advice = "free some space, or choose files with --select";
  if (freeBytes < Math.min(neededBytes, torrent.metainfo?.pieceLengthBytes ?? 0)) {
    if (await hasNoSize(torrent.dir)) return;
    const room = freeBytes === 0 ? "no room at all" : `only ${formatBytes(freeBytes)} free`;
    throw new CliError("file-failed", `${words}${room}: ${advice}`);
  }
  output.warn(`${words}only ${formatBytes(freeBytes)} free: ${advice}`);
}

/** What the files that are wanted take on disk. */
async function takenBytes({ dir, files }: Torrent): Promise<number> {
  let sum = 0;
  for (const { path, lengthBytes, wanted } of files) {
    if (!wanted) continue;
    const found = await stat(join(dir, ...path)).catch(() => null);
    // Windows counts no blocks: there nothing is known to be taken.
    sum += Math.min(lengthBytes, (found?.blocks ?? 0) * 512);
  }
  return sum;
}

/** File systems that keep nothing (`/proc`) have no free room, and say by other errors what is wrong. */
async function hasNoSize(folder: string): Promise<boolean> {
  const found = await statfs(folder).catch(() => null);
  if (found !== null) return found.blocks === 0;
  const parent = dirname(resolve(folder));
  return parent !== resolve(folder) && (await hasNoSize(parent));
}
