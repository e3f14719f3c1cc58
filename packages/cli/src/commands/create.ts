import { access, constants, readFile, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseMetainfo } from "@shoal/protocol";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes, formatCount, toPlainText } from "../output/format.ts";
import { toFileError } from "../process/file-error.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { buildTorrent, planTorrent } from "../torrent/build-torrent.ts";
import { describeMetainfo } from "../torrent/describe-torrent.ts";
import { listFiles } from "../torrent/list-files.ts";
import type { CommandContext, CommonOptions } from "./context.ts";

/** Beyond it a file is no torrent (`BENCODE_LIMITS`). */
const MAX_TORRENT_BYTES = 10 * 2 ** 20;

export interface CreateOptions extends CommonOptions {
  readonly output?: string;
  readonly force?: boolean;
  readonly v1?: boolean;
  readonly v2?: boolean;
  readonly pieceLength?: number;
  readonly tracker?: readonly string[];
  readonly webSeed?: readonly string[];
  readonly private?: boolean;
  readonly comment?: string;
}

/**
 * Makes a torrent file of a file or folder.
 * @throws {CliError} `file-failed` when something other than a torrent file is there already, unless `force` is set.
 */
export async function runCreate(
  path: string,
  options: CreateOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const found = await listFiles(path);
  for (const place of found.skipped) output.warn(`skipped: ${toPlainText(place)} is no plain file`);
  const version = options.v1 ? "v1" : options.v2 ? "v2" : "hybrid";
  const { pieceLength, tracker = [], webSeed = [], comment } = options;
  const plan = planTorrent(
    found,
    { version, ...(pieceLength !== undefined && { pieceLengthBytes: pieceLength }) },
    path,
  );
  const file = options.output ?? `${plan.name}.torrent`;
  const cannotWrite = (error: unknown): never => {
    throw toFileError(error, "write", file);
  };
  // Known now rather than after an hour of hashing.
  await access(dirname(file), constants.W_OK).catch(cannotWrite);
  if (options.force !== true) await assertMayWrite(file);
  const runtime = await openRuntime(context, { keepsState: false });
  try {
    const remarks = {
      trackers: tracker,
      webSeeds: webSeed,
      isPrivate: options.private === true,
      ...(comment !== undefined && { comment }),
    };
    const bytes = await buildTorrent(plan, found.parent, remarks, { runtime, context });
    await writeFile(file, bytes).catch(cannotWrite);
    const description = describeMetainfo(parseMetainfo(bytes));
    output.note(
      `${output.paint("green", "created:")} ${formatBytes(plan.lengthBytes)} in ` +
        `${formatCount(plan.files.length, "file")}, ${formatCount(plan.pieceCount, "piece")} of ${formatBytes(plan.pieceLengthBytes)}`,
    );
    output.note(description.magnet);
    output.data(file);
    output.result({ file, ...description });
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
}

/** A torrent of before may be made anew; whatever else is there was meant to stay, or the name is a slip. */
async function assertMayWrite(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  // What is no plain file (/dev/stdout) is written to, not over.
  if (found?.isFile() !== true || (await isTorrentFile(file, found.size))) return;
  throw new CliError(
    "file-failed",
    `${file} is there already, and is no torrent file: --force writes over it, -o FILE writes to another`,
  );
}

async function isTorrentFile(file: string, lengthBytes: number): Promise<boolean> {
  if (lengthBytes === 0) return true;
  if (lengthBytes > MAX_TORRENT_BYTES) return false;
  try {
    parseMetainfo(await readFile(file));
    return true;
  } catch {
    return false;
  }
}
