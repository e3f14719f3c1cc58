import {
  createTorrentBuilder,
  type CreationPlan,
  MetainfoError,
  planCreation,
  type TorrentVersion,
} from "@shoal/protocol";
import type { Runtime } from "@shoal/runtime";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { showCounter } from "../output/show-counter.ts";
import { readVersion } from "../process/read-version.ts";
import { hashPlan, layoutOfPlan } from "./hash-plan.ts";
import type { FoundFiles } from "./list-files.ts";

/**
 * Plans a torrent of files on disk.
 * @param path As the user named it.
 * @throws {CliError} `file-failed`.
 */
export function planTorrent(
  found: FoundFiles,
  options: { readonly version: TorrentVersion; readonly pieceLengthBytes?: number },
  path: string,
): CreationPlan {
  try {
    return planCreation(found.files, { name: found.name, ...options });
  } catch (cause) {
    if (!(cause instanceof MetainfoError)) throw cause;
    const reason = cause.code === "no-content" ? "there is no data in it to share" : cause.message;
    throw new CliError("file-failed", `cannot make a torrent of ${path}: ${reason}`, { cause });
  }
}

/** What a torrent file says beside its files. */
export interface TorrentRemarks {
  readonly trackers?: readonly string[];
  readonly webSeeds?: readonly string[];
  readonly isPrivate?: boolean;
  readonly comment?: string;
}

/**
 * Hashes the files of a plan, and shows how far that is.
 * @param parent The folder that holds the file, or the root folder.
 * @returns the bytes of a torrent file.
 * @throws as `hashPlan`.
 */
export async function buildTorrent(
  plan: CreationPlan,
  parent: string,
  remarks: TorrentRemarks,
  { runtime, context }: { readonly runtime: Runtime; readonly context: CommandContext },
): Promise<Uint8Array> {
  const { clock, disk } = runtime;
  const { output, signal } = context;
  const builder = createTorrentBuilder(plan);
  const storage = await disk.open(layoutOfPlan(plan, parent));
  const counter = showCounter("hashing", plan.pieceCount, clock, output);
  try {
    await hashPlan({
      plan,
      storage,
      builder,
      width: disk.checkWidth,
      signal,
      onPiece: () => counter.add(),
    });
  } finally {
    counter.stop();
    await storage.close();
  }
  const { trackers = [], ...others } = remarks;
  return builder.build({
    ...others,
    // Every one in a tier of its own: tried in the order given.
    trackers: trackers.map((url) => [url]),
    createdBy: `Shoal ${readVersion()}`,
    createdAtS: Math.floor(clock.nowMs() / 1000),
  });
}
