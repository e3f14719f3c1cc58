import { join } from "node:path";
import type { Session, Torrent } from "@shoal/engine";
import type { Runtime } from "@shoal/runtime";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes, formatDuration, formatRate } from "../output/format.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { Interruption } from "../process/watch-signals.ts";
import { assertRoom } from "../torrent/assert-room.ts";
import { keepSeeding } from "../torrent/keep-seeding.ts";
import { describeSeeding, openSession } from "../torrent/open-session.ts";
import { checkSelection, type DownloadPlan, planDownload } from "../torrent/plan-download.ts";
import { runJobs, type TorrentJob, worstOf } from "../torrent/run-jobs.ts";
import { noteSharing, type ShareNotes } from "../torrent/share-notes.ts";
import { type Progress, showProgress } from "../torrent/show-progress.ts";
import { streamToStdout } from "../torrent/stream-to-stdout.ts";
import { createTorrentOutput, type TorrentOutput } from "../torrent/torrent-output.ts";
import { untilUnverifiable } from "../torrent/until-unverifiable.ts";
import { type CommandTrading, withTrading } from "../speed/with-trading.ts";
import type { CommandContext } from "./context.ts";
import type { GetOptions } from "./get-options.ts";

interface DownloadJob extends TorrentJob {
  plan: DownloadPlan | null;
  durationMs: number;
}

/** What all downloads of the command have in common. */
interface Scene {
  readonly runtime: Runtime;
  readonly session: Session;
  readonly progress: Progress;
  readonly sharing: ShareNotes;
  readonly options: GetOptions;
  readonly context: CommandContext;
  readonly isAlone: boolean;
}

/**
 * Downloads until everything wanted of each torrent is verified on disk. One that fails lets the others go on.
 * @throws {CliError} and the errors of the packages below, where there is one torrent; `describeError` has their
 * words.
 */
export async function runGet(
  sources: readonly string[],
  options: GetOptions,
  context: CommandContext,
): Promise<ExitCode> {
  assertStdoutIsFree(sources, options);
  return await withTrading(context, options, async (trading) => {
    return await getAll(sources, options, context, trading);
  });
}

async function getAll(
  sources: readonly string[],
  options: GetOptions,
  context: CommandContext,
  trading: CommandTrading | null,
): Promise<ExitCode> {
  const { output, signal } = context;
  const isAlone = sources.length === 1;
  const jobs = sources.map((source): DownloadJob => {
    return { source, plan: null, torrent: null, error: null, durationMs: 0 };
  });
  const runtime = await openRuntime(context, { keepsState: true, flags: options });
  try {
    const plan = async (job: DownloadJob): Promise<ExitCode> => {
      job.plan = await planDownload(job.source, options, runtime, signal);
      return EXIT.ok;
    };
    const planned = isAlone ? await plan(jobs[0]!) : await runJobs(jobs, plan, context);
    const session = await openSession(runtime, options, output, trading?.sessionOptions);
    trading?.attach(session);
    const progress = showProgress(runtime.clock, output, { isAlone });
    const sharing = noteSharing(session);
    try {
      const scene = { runtime, session, progress, sharing, options, context, isAlone };
      const exitCode = isAlone
        ? await download(jobs[0]!, scene)
        : worstOf([planned, await downloadAll(jobs, scene)]);
      progress.stop();
      output.result(
        isAlone
          ? describeJob(jobs[0]!, options)
          : { torrents: jobs.map((job) => describeOneOfSeveral(job, options)) },
      );
      if (signal.aborted && exitCode === EXIT.interrupted && jobs.some(isUnfinished)) {
        output.note("interrupted; the same command goes on where this one stopped");
      }
      return exitCode;
    } finally {
      progress.stop();
      sharing.stop();
      await trading?.finish();
      await session.close();
    }
  } finally {
    await runtime.close();
  }
}

function assertStdoutIsFree(sources: readonly string[], options: GetOptions): void {
  if (options.stdout === undefined) return;
  if (options.json === true || options.events !== undefined) {
    throw new CliError(
      "usage",
      "--stdout writes the file to stdout, so neither --json nor --events can",
    );
  }
  if (sources.length > 1) throw new CliError("usage", "--stdout takes one torrent at a time");
}

/** Adds the torrents in the order in which they were named, which is that of the queue, and waits for all. */
async function downloadAll(jobs: readonly DownloadJob[], scene: Scene): Promise<ExitCode> {
  const { context, session } = scene;
  const codes: ExitCode[] = [];
  for (const job of jobs.filter(({ plan }) => plan !== null)) {
    codes.push(await runJobs([job], (each) => begin(each, session), context));
  }
  const begun = jobs.filter(({ torrent }) => torrent !== null);
  return worstOf([...codes, await runJobs(begun, (job) => download(job, scene), context)]);
}

async function begin(job: DownloadJob, session: Session): Promise<ExitCode> {
  const { source, options } = job.plan!;
  job.torrent = await session.add(source, options);
  return EXIT.ok;
}

async function download(job: DownloadJob, scene: Scene): Promise<ExitCode> {
  const { runtime, session, progress, options, context, isAlone } = scene;
  const { signal } = context;
  const { clock } = runtime;
  const startMs = clock.monotonicMs();
  if (job.torrent === null) await begin(job, session);
  const torrent = job.torrent!;
  const output = createTorrentOutput(torrent, context.output, { isAlone });
  output.event("listening", { port: session.port, name: torrent.name });
  progress.add(torrent);
  const givingUp = new AbortController();
  const ended = AbortSignal.any([signal, givingUp.signal]);
  try {
    await torrent.whenReady(ended);
    checkSelection(torrent, options);
    await assertRoom(torrent, runtime.disk, output);
    if (options.stdout !== undefined) {
      await streamToStdout(torrent, options.stdout, context.output, ended);
      if (options.seed !== true) return EXIT.ok;
    }
    await Promise.race([torrent.whenComplete(ended), untilUnverifiable(torrent, clock, ended)]);
    job.durationMs = clock.monotonicMs() - startMs;
    sayComplete(torrent, job.durationMs, output);
    if (options.stdout === undefined) context.output.data(pathOf(torrent, options));
    if (options.seed !== true) {
      // The others go on without it.
      if (!isAlone) torrent.pause();
      return EXIT.ok;
    }
    output.note(`seeding: ${describeSeeding(options)}`);
    return await keepSeeding(torrent, { sharing: scene.sharing, signal });
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    job.durationMs = clock.monotonicMs() - startMs;
    return EXIT.interrupted;
  } finally {
    givingUp.abort();
  }
}

function sayComplete(torrent: Torrent, durationMs: number, output: TorrentOutput): void {
  const { wantedBytes, downloadedBytes } = torrent.status();
  const seconds = durationMs / 1000;
  const speed =
    downloadedBytes === 0
      ? ", all of it was here already"
      : `, ${formatBytes(downloadedBytes)} in ${formatDuration(seconds)} (${formatRate(downloadedBytes / seconds)})`;
  output.note(`${output.paint("green", "verified:")} ${formatBytes(wantedBytes)} on disk${speed}`);
}

/** The file, or the folder that holds the files. */
function pathOf({ metainfo, name }: Torrent, { dir }: GetOptions): string {
  return join(dir, metainfo?.files[0]?.path[0] ?? name);
}

function isUnfinished({ torrent }: DownloadJob): boolean {
  if (torrent === null) return false;
  const { wantedBytes, verifiedBytes } = torrent.status();
  return wantedBytes === 0 || verifiedBytes !== wantedBytes;
}

function describeOneOfSeveral(job: DownloadJob, options: GetOptions): object {
  const described = job.torrent === null ? {} : describeJob(job, options);
  return { source: job.source, ...described, error: job.error };
}

function describeJob(job: DownloadJob, options: GetOptions): object {
  const torrent = job.torrent!;
  const status = torrent.status();
  return {
    name: torrent.name,
    infoHash: torrent.infoHash,
    path: pathOf(torrent, options),
    complete: !isUnfinished(job),
    wantedBytes: status.wantedBytes,
    verifiedBytes: status.verifiedBytes,
    downloadedBytes: status.downloadedBytes,
    uploadedBytes: status.uploadedBytes,
    wastedBytes: status.wastedBytes,
    failedPieces: status.failedPieces,
    durationMs: Math.round(job.durationMs),
    files: torrent.files.map((file) => ({ ...file, path: file.path.join("/") })),
  };
}
