import type { Torrent } from "@shoal/engine";
import type { Metainfo } from "@shoal/protocol";
import type { HostPort } from "../arguments/parse-endpoint.ts";
import { CliError } from "../errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import { formatBytes, formatCount, toPlainText } from "../output/format.ts";
import { type NetworkFlags, openRuntime } from "../process/open-runtime.ts";
import { describeMetainfo } from "../torrent/describe-torrent.ts";
import { keepSeeding } from "../torrent/keep-seeding.ts";
import { loadTorrentFile } from "../torrent/load-source.ts";
import { openSession, type SessionFlags } from "../torrent/open-session.ts";
import { resolvePeers } from "../torrent/resolve-peers.ts";
import { showProgress } from "../torrent/show-progress.ts";
import type { CommandContext, CommonOptions } from "./context.ts";

export interface SeedOptions extends CommonOptions, NetworkFlags, SessionFlags {
  readonly dir: string;
  readonly peer?: readonly HostPort[];
  readonly webSeed?: readonly string[];
  readonly recheck?: boolean;
}

/**
 * Verifies what lies in a folder and uploads it until a signal asks for the end.
 * @throws {CliError} `verification-failed` when data is missing or wrong.
 */
export async function runSeed(
  path: string,
  options: SeedOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, signal } = context;
  const metainfo = await loadTorrentFile(path);
  const runtime = await openRuntime(context, { keepsState: true, flags: options });
  try {
    const { clock, dns } = runtime;
    const peers = await resolvePeers(options.peer ?? [], dns, signal);
    const session = await openSession(runtime, options);
    try {
      const { dir, recheck = false } = options;
      const torrent = await session.add(metainfo, { dir, recheck, peers, select: () => true });
      const stopShowing = showProgress(torrent, clock, output);
      await torrent.whenReady(signal).finally(stopShowing);
      assertComplete(torrent, metainfo, path, options);

      const { name } = metainfo;
      const webSeeds = [...new Set([...metainfo.webSeeds, ...(options.webSeed ?? [])])];
      const { magnet } = describeMetainfo({ ...metainfo, webSeeds });
      output.note(
        `${output.paint("green", "verified:")} ${toPlainText(name)}, ${formatBytes(metainfo.lengthBytes)}`,
      );
      const where =
        session.port === 0 ? "to peers that this side connects to" : `at port ${session.port}`;
      output.note(`seeding ${where}: Ctrl-C ends it`);
      output.data(magnet);
      output.event("listening", { port: session.port, infoHash: torrent.infoHash, name, magnet });
      const exitCode = await keepSeeding(torrent, { clock, output, signal });
      const { uploadedBytes } = torrent.status();
      output.note(`${formatBytes(uploadedBytes)} sent`);
      output.result({ name, infoHash: torrent.infoHash, magnet, uploadedBytes });
      return exitCode;
    } finally {
      await session.close();
    }
  } finally {
    await runtime.close();
  }
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
