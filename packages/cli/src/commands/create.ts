import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import {
  createTorrentBuilder,
  MetainfoError,
  parseMetainfo,
  planCreation,
  type CreationPlan,
  type TorrentVersion,
} from "@shoal/protocol";
import type { Runtime } from "@shoal/runtime";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes, formatCount, toPlainText } from "../output/format.ts";
import { showCounter } from "../output/show-counter.ts";
import { toFileError } from "../process/file-error.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { readVersion } from "../process/read-version.ts";
import { describeMetainfo } from "../torrent/describe-torrent.ts";
import { hashPlan, layoutOfPlan } from "../torrent/hash-plan.ts";
import { listFiles, type FoundFiles } from "../torrent/list-files.ts";
import type { CommandContext, CommonOptions } from "./context.ts";

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
 * @throws {CliError} `file-failed` when the torrent file is there already, unless `force` is set.
 */
export async function runCreate(
  path: string,
  options: CreateOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const found = await listFiles(path);
  for (const place of found.skipped) output.warn(`skipped: ${toPlainText(place)} is no plain file`);
  const plan = planTorrent(found, options, path);
  const file = options.output ?? `${plan.name}.torrent`;
  const cannotWrite = (error: unknown): never => {
    throw toFileError(error, "write", file);
  };
  // Known now rather than after an hour of hashing.
  await access(dirname(file), constants.W_OK).catch(cannotWrite);
  if (options.force !== true) await assertNoFile(file);
  const runtime = await openRuntime(context, { keepsState: false });
  try {
    const bytes = await buildTorrent(plan, found.parent, options, { runtime, context });
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

async function assertNoFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  // What is no plain file (/dev/stdout) is written to, not over.
  if (found?.isFile() !== true) return;
  throw new CliError(
    "file-failed",
    `${file} is there already: --force writes over it, -o FILE writes to another`,
  );
}

function planTorrent(found: FoundFiles, options: CreateOptions, path: string): CreationPlan {
  const version: TorrentVersion = options.v1 ? "v1" : options.v2 ? "v2" : "hybrid";
  const { pieceLength } = options;
  try {
    return planCreation(found.files, {
      name: found.name,
      version,
      ...(pieceLength === undefined ? {} : { pieceLengthBytes: pieceLength }),
    });
  } catch (cause) {
    if (!(cause instanceof MetainfoError)) throw cause;
    const reason = cause.code === "no-content" ? "there is no data in it to share" : cause.message;
    throw new CliError("file-failed", `cannot make a torrent of ${path}: ${reason}`, { cause });
  }
}

async function buildTorrent(
  plan: CreationPlan,
  parent: string,
  options: CreateOptions,
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
  }
  const { tracker = [], webSeed = [], comment } = options;
  return builder.build({
    // Every one in a tier of its own: tried in the order given.
    trackers: tracker.map((url) => [url]),
    webSeeds: webSeed,
    isPrivate: options.private === true,
    createdBy: `Shoal ${readVersion()}`,
    createdAtS: Math.floor(clock.nowMs() / 1000),
    ...(comment === undefined ? {} : { comment }),
  });
}
