import type { Session, Torrent } from "@shoal/engine";
import type { Metainfo } from "@shoal/protocol";
import type { Runtime } from "@shoal/runtime";
import type { HostPort } from "../arguments/parse-endpoint.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes, formatCount, toPlainText } from "../output/format.ts";
import type { NetworkFlags } from "../process/network-flags.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { describeMetainfo } from "../torrent/describe-torrent.ts";
import { keepSeeding } from "../torrent/keep-seeding.ts";
import { loadTorrentFile } from "../torrent/load-source.ts";
import { describeSeeding, openSession, type SessionFlags } from "../torrent/open-session.ts";
import { resolvePeers } from "../torrent/resolve-peers.ts";
import { runJobs, type TorrentJob, worstOf } from "../torrent/run-jobs.ts";
import { noteSharing, type ShareNotes } from "../torrent/share-notes.ts";
import { type Progress, showProgress } from "../torrent/show-progress.ts";
import { createTorrentOutput } from "../torrent/torrent-output.ts";
import type { SellFlags } from "../speed/trade-options.ts";
import { type CommandTrading, withTrading } from "../speed/with-trading.ts";
import type { CommandContext, CommonOptions } from "./context.ts";

export interface SeedOptions extends CommonOptions, NetworkFlags, SessionFlags, SellFlags {
  readonly dir: string;
  readonly peer?: readonly HostPort[];
  readonly webSeed?: readonly string[];
  readonly recheck?: boolean;
}

interface SeedJob extends TorrentJob {
  metainfo: Metainfo | null;
  magnet: string;
}

/** What all torrents of the command have in common. */
interface Scene {
  readonly runtime: Runtime;
  readonly session: Session;
  readonly progress: Progress;
  readonly sharing: ShareNotes;
  readonly options: SeedOptions;
  readonly context: CommandContext;
  readonly isAlone: boolean;
}

/**
 * Verifies what lies in a folder and uploads it until enough is shared or a signal asks for the end. A torrent
 * that fails lets the others go on.
 * @throws {CliError} `verification-failed` when data is missing or wrong, where there is one torrent.
 */
export async function runSeed(
  paths: readonly string[],
  options: SeedOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withTrading(context, options, async (trading) => {
    return await seedPaths(paths, options, context, trading);
  });
}

async function seedPaths(
  paths: readonly string[],
  options: SeedOptions,
  context: CommandContext,
  trading: CommandTrading | null,
): Promise<ExitCode> {
  const { output } = context;
  const isAlone = paths.length === 1;
  const jobs = paths.map((source): SeedJob => {
    return { source, metainfo: null, magnet: "", torrent: null, error: null };
  });
  const load = async (job: SeedJob): Promise<ExitCode> => {
    job.metainfo = await loadTorrentFile(job.source);
    return EXIT.ok;
  };
  const loaded = isAlone ? await load(jobs[0]!) : await runJobs(jobs, load, context);
  const runtime = await openRuntime(context, { keepsState: true, flags: options });
  try {
    const session = await openSession(runtime, options, output, trading?.sessionOptions);
    trading?.attach(session);
    const progress = showProgress(runtime.clock, output, { isAlone });
    const sharing = noteSharing(session);
    try {
      const scene = { runtime, session, progress, sharing, options, context, isAlone };
      const exitCode = isAlone
        ? await seed(jobs[0]!, scene)
        : worstOf([loaded, await seedAll(jobs, scene)]);
      progress.stop();
      const sentBytes = session.torrents.reduce(
        (sum, each) => sum + each.status().uploadedBytes,
        0,
      );
      output.note(`${formatBytes(sentBytes)} sent`);
      output.result(isAlone ? describeJob(jobs[0]!) : { torrents: jobs.map(describeOneOfSeveral) });
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

/** Adds the torrents in the order in which they were named, which is that of the queue, and waits for all. */
async function seedAll(jobs: readonly SeedJob[], scene: Scene): Promise<ExitCode> {
  const { context } = scene;
  const codes: ExitCode[] = [];
  for (const job of jobs.filter(({ metainfo }) => metainfo !== null)) {
    codes.push(await runJobs([job], (each) => begin(each, scene), context));
  }
  const begun = jobs.filter(({ torrent }) => torrent !== null);
  return worstOf([...codes, await runJobs(begun, (job) => seed(job, scene), context)]);
}

async function begin(job: SeedJob, scene: Scene): Promise<ExitCode> {
  const { runtime, session, options, context } = scene;
  const { dir, recheck = false } = options;
  const peers = await resolvePeers(options.peer ?? [], runtime.dns, context.signal);
  job.torrent = await session.add(job.metainfo!, { dir, recheck, peers, select: () => true });
  return EXIT.ok;
}

async function seed(job: SeedJob, scene: Scene): Promise<ExitCode> {
  const { session, options, context, isAlone } = scene;
  const { signal } = context;
  if (job.torrent === null) await begin(job, scene);
  const torrent = job.torrent!;
  const metainfo = job.metainfo!;
  const output = createTorrentOutput(torrent, context.output, { isAlone });
  scene.progress.add(torrent);
  await torrent.whenReady(signal);
  assertComplete(torrent, metainfo, job.source, options);

  const { name } = metainfo;
  const webSeeds = [...new Set([...metainfo.webSeeds, ...(options.webSeed ?? [])])];
  job.magnet = describeMetainfo({ ...metainfo, webSeeds }).magnet;
  const verified = output.paint("green", "verified:");
  const size = formatBytes(metainfo.lengthBytes);
  output.note(isAlone ? `${verified} ${toPlainText(name)}, ${size}` : `${verified} ${size}`);
  const where =
    session.port === 0 ? "to peers that this side connects to" : `at port ${session.port}`;
  output.note(`seeding ${where}: ${describeSeeding(options)}`);
  context.output.data(job.magnet);
  output.event("listening", { port: session.port, name, magnet: job.magnet });
  return await keepSeeding(torrent, { sharing: scene.sharing, signal });
}

function describeOneOfSeveral(job: SeedJob): object {
  const described = job.torrent === null ? {} : describeJob(job);
  return { source: job.source, ...described, error: job.error };
}

function describeJob({ torrent, magnet }: SeedJob): object {
  const { name, infoHash } = torrent!;
  return { name, infoHash, magnet, uploadedBytes: torrent!.status().uploadedBytes };
}

function assertComplete(
  torrent: Torrent,
  metainfo: Metainfo,
  path: string,
  { dir }: SeedOptions,
): void {
  const { verifiedPieces, pieceCount } = torrent.status();
  if (verifiedPieces === pieceCount) return;
  const missing = pieceCount - verifiedPieces;
  const first = toPlainText(metainfo.files[0]?.path[0] ?? metainfo.name);
  throw new CliError(
    "verification-failed",
    verifiedPieces === 0
      ? `none of the torrent's data is in ${dir}: --dir names the folder that holds ${first}`
      : `${missing} of ${formatCount(pieceCount, "piece")} ${missing === 1 ? "is" : "are"} missing or wrong in ${dir}: ` +
          `shoal verify ${path} --dir ${dir} lists them, shoal get ${path} --dir ${dir} repairs them`,
  );
}
