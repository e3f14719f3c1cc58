import { join } from "node:path";
import type { FileSelector, Session, Torrent, TorrentOptions } from "@shoal/engine";
import type { Magnet } from "@shoal/protocol";
import type { Runtime } from "@shoal/runtime";
import type { HostPort } from "../arguments/parse-endpoint.ts";
import type { PriorityRule } from "../arguments/parse-priority.ts";
import { matchFile } from "../arguments/match-files.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes, formatDuration, formatRate, toPlainText } from "../output/format.ts";
import { assertWritable } from "../process/assert-writable.ts";
import { type NetworkFlags, openRuntime } from "../process/open-runtime.ts";
import { Interruption } from "../process/watch-signals.ts";
import { keepSeeding } from "../torrent/keep-seeding.ts";
import { loadSource, type TorrentSource } from "../torrent/load-source.ts";
import { openSession, type SessionFlags } from "../torrent/open-session.ts";
import { resolvePeers } from "../torrent/resolve-peers.ts";
import { streamToStdout } from "../torrent/stream-to-stdout.ts";
import { showProgress } from "../torrent/show-progress.ts";
import { untilUnverifiable } from "../torrent/until-unverifiable.ts";
import type { CommandContext, CommonOptions } from "./context.ts";

export interface GetOptions extends CommonOptions, NetworkFlags, SessionFlags {
  readonly dir: string;
  readonly peer?: readonly HostPort[];
  readonly webSeed?: readonly string[];
  readonly select?: readonly string[];
  readonly priority?: readonly PriorityRule[];
  readonly preallocate?: boolean;
  readonly stdout?: string;
  readonly sequential?: boolean;
  readonly seed?: boolean;
  readonly reuse?: readonly string[];
  readonly recheck?: boolean;
}

/**
 * Downloads until everything wanted is verified on disk.
 * @throws {CliError} and the errors of the packages below; `describeError` has their words.
 */
export async function runGet(
  text: string,
  options: GetOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { signal } = context;
  if (options.stdout !== undefined && (options.json === true || options.events !== undefined)) {
    throw new CliError(
      "usage",
      "--stdout writes the file to stdout, so neither --json nor --events can",
    );
  }
  const runtime = await openRuntime(context, { keepsState: true, flags: options });
  try {
    const source = await loadSource(text, { http: runtime.http, signal });
    const torrentOptions = await planDownload(source, options, runtime, signal);
    const session = await openSession(runtime, options);
    try {
      const torrent = await session.add(
        source.kind === "magnet" ? source.magnet : source.metainfo,
        torrentOptions,
      );
      return await download({ torrent, session, runtime, options, context });
    } finally {
      await session.close();
    }
  } finally {
    await runtime.close();
  }
}

async function planDownload(
  source: TorrentSource,
  options: GetOptions,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<TorrentOptions> {
  const { dir, select, sequential = false, recheck = false } = options;
  const magnet = source.kind === "magnet" ? source.magnet : null;
  const named = await resolvePeers(options.peer ?? [], runtime.dns, signal);
  // Peers that a link names are a hint: one that has no address is no reason to give up.
  const hinted = (magnet?.peers ?? []).map((peer) =>
    resolvePeers([peer], runtime.dns, signal).catch(() => []),
  );
  return {
    dir,
    sequential,
    recheck,
    peers: [...named, ...(await Promise.all(hinted)).flat()],
    allocation: options.preallocate === true ? "preallocate" : "sparse",
    select: chooseFiles(
      select ?? (options.stdout === undefined ? undefined : [options.stdout]),
      options.priority ?? [],
      magnet,
    ),
    webSeeds: options.webSeed ?? [],
    reuse: options.reuse ?? [],
  };
}

/** The last `--priority` that names a file; else what `--select` asks for, or the link itself (BEP 53), or all. */
function chooseFiles(
  patterns: readonly string[] | undefined,
  rules: readonly PriorityRule[],
  magnet: Magnet | null,
): FileSelector {
  const ranges = magnet?.selectOnly ?? null;
  return ({ path }, index) => {
    const isSelected =
      patterns !== undefined
        ? matchFile(path, patterns)
        : (ranges?.some(({ first, last }) => index >= first && index <= last) ?? true);
    const rule = rules.findLast(({ pattern }) => matchFile(path, [pattern]));
    return isSelected && rule !== undefined ? rule.priority : isSelected;
  };
}

interface Download {
  readonly torrent: Torrent;
  readonly session: Session;
  readonly runtime: Runtime;
  readonly options: GetOptions;
  readonly context: CommandContext;
}

async function download(init: Download): Promise<ExitCode> {
  const { torrent, session, runtime, options, context } = init;
  const { output, signal } = context;
  const startMs = runtime.clock.monotonicMs();
  output.event("listening", { port: session.port, infoHash: torrent.infoHash, name: torrent.name });
  const stopShowing = showProgress(torrent, runtime.clock, output);
  const givingUp = new AbortController();
  const ended = AbortSignal.any([signal, givingUp.signal]);
  let durationMs = 0;
  const report = () => output.result(describeResult(init, durationMs));
  try {
    await torrent.whenReady(ended);
    checkSelection(torrent, options);
    await assertRoom(torrent, runtime, context);
    if (options.stdout !== undefined) {
      await streamToStdout(torrent, options.stdout, output, ended);
      stopShowing();
      if (options.seed !== true) return EXIT.ok;
    }
    await Promise.race([
      torrent.whenComplete(ended),
      untilUnverifiable(torrent, runtime.clock, ended),
    ]);
    durationMs = runtime.clock.monotonicMs() - startMs;
    stopShowing();
    sayComplete(init, durationMs);
    if (options.seed !== true) {
      report();
      return EXIT.ok;
    }
    output.note("seeding: Ctrl-C ends it");
    const exitCode = await keepSeeding(torrent, { clock: runtime.clock, output, signal });
    report();
    return exitCode;
  } catch (error) {
    stopShowing();
    if (!(error instanceof Interruption)) throw error;
    durationMs = runtime.clock.monotonicMs() - startMs;
    report();
    output.note("interrupted; the same command goes on where this one stopped");
    return EXIT.interrupted;
  } finally {
    givingUp.abort();
  }
}

/** @throws {CliError} `not-found` when no file of the torrent is wanted. */
function checkSelection({ files }: Torrent, { select }: GetOptions): void {
  if (select === undefined || files.some((file) => file.wanted)) return;
  const shown = files.slice(0, 10).map((file) => toPlainText(file.path.join("/")));
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : "";
  throw new CliError(
    "not-found",
    `no file of the torrent matches ${select.join(", ")}; it has ${shown.join(", ")}${more}`,
  );
}

/**
 * Says what would stop the download, before the first byte is fetched.
 * @throws {CliError} `file-failed` when nothing can be written.
 */
async function assertRoom(
  torrent: Torrent,
  runtime: Runtime,
  { output }: CommandContext,
): Promise<void> {
  const { wantedBytes, verifiedBytes } = torrent.status();
  const missingBytes = wantedBytes - verifiedBytes;
  if (missingBytes === 0) return;
  await assertWritable(torrent.dir);
  const freeBytes = await runtime.disk.freeBytes(torrent.dir);
  if (missingBytes <= freeBytes) return;
  output.warn(
    `${formatBytes(missingBytes)} are missing, but ${torrent.dir} has only ${formatBytes(freeBytes)} free: ` +
      "free some space, or choose files with --select",
  );
}

function sayComplete({ torrent, options, context }: Download, durationMs: number): void {
  const { output } = context;
  const { wantedBytes, downloadedBytes } = torrent.status();
  const seconds = durationMs / 1000;
  const speed =
    downloadedBytes === 0
      ? ", all of it was here already"
      : `, ${formatBytes(downloadedBytes)} in ${formatDuration(seconds)} (${formatRate(downloadedBytes / seconds)})`;
  output.note(`${output.paint("green", "verified:")} ${formatBytes(wantedBytes)} on disk${speed}`);
  if (options.stdout === undefined) output.data(pathOf(torrent, options));
}

/** The file, or the folder that holds the files. */
function pathOf({ metainfo, name }: Torrent, { dir }: GetOptions): string {
  return join(dir, metainfo?.files[0]?.path[0] ?? name);
}

function describeResult({ torrent, options }: Download, durationMs: number): object {
  const status = torrent.status();
  const isComplete = status.wantedBytes > 0 && status.verifiedBytes === status.wantedBytes;
  return {
    name: torrent.name,
    infoHash: torrent.infoHash,
    path: pathOf(torrent, options),
    complete: isComplete,
    wantedBytes: status.wantedBytes,
    verifiedBytes: status.verifiedBytes,
    downloadedBytes: status.downloadedBytes,
    uploadedBytes: status.uploadedBytes,
    wastedBytes: status.wastedBytes,
    failedPieces: status.failedPieces,
    durationMs: Math.round(durationMs),
    files: torrent.files.map((file) => ({ ...file, path: file.path.join("/") })),
  };
}
