import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Answer, Sent } from "@shoal/api/client";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  toPlainText,
} from "../output/format.ts";
import { formatTable } from "../output/format-table.ts";
import { toFileError } from "../process/file-error.ts";
import { askConsent } from "../process/ask-consent.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { listAllTorrents, selectTorrents, type TorrentSummary } from "./select-torrents.ts";
import { torrentLines } from "./torrent-lines.ts";
import { withDaemon } from "./with-daemon.ts";

export interface AddOptions extends DaemonOptions {
  readonly dir?: string;
  readonly category?: string;
  readonly paused?: boolean;
  readonly sequential?: boolean;
}

/** Why a download is not as fast as it could be. */
const SLOW_WHY = {
  "no-peers": "no peers are known yet",
  connecting: "peers are being connected to",
  "all-choked": "all peers serve others at the moment: paying for slots would help",
  "nothing-useful": "the connected peers have nothing more that is missing here",
  "tracker-error": "the trackers cannot be asked, as said below",
  "web-seed-error": "the web seeds fail",
  "rate-limited": "a limit holds it: shoal limit --down none",
  disk: "the disk does not keep up",
} as const satisfies Record<NonNullable<TorrentSummary["slow"]>, string>;
const SHOWN_NAMES = 10;
/** These only need what is kept. */
const ALONE = { worksAlone: true };

export async function runAdd(
  sources: readonly string[],
  options: AddOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withDaemon(
    context,
    options,
    async ({ client }) => {
      const added: TorrentSummary[] = [];
      for (const source of sources) {
        const torrent = await client.call("addTorrent", {
          source: await readSource(source),
          ...(options.dir !== undefined && { folder: resolve(options.dir) }),
          ...(options.category !== undefined && { category: options.category }),
          ...(options.paused === true && { paused: true }),
          ...(options.sequential === true && { sequential: true }),
        });
        added.push(torrent);
        context.output.event("added", torrent);
        context.output.data(`${torrent.infoHash}  ${toPlainText(torrent.name)}`);
      }
      context.output.result({ torrents: added });
      return EXIT.ok;
    },
    ALONE,
  );
}

/** Links and infohashes are sent as they are; a file is read here, since the daemon may be elsewhere. */
async function readSource(source: string): Promise<Sent<"addTorrent">["source"]> {
  if (/^magnet:/i.test(source) || /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(source)) {
    return { magnet: source };
  }
  if (/^https?:/i.test(source)) return { url: source };
  try {
    return { torrentFile: (await readFile(source)).toString("base64") };
  } catch (error) {
    throw toFileError(error, "read", source);
  }
}

export interface ListOptions extends DaemonOptions {
  readonly state?: TorrentSummary["state"];
  readonly category?: string;
}

export async function runList(options: ListOptions, context: CommandContext): Promise<ExitCode> {
  return await withDaemon(
    context,
    options,
    async ({ client }) => {
      const { state, category } = options;
      const torrents = await listAllTorrents(client, {
        ...(state !== undefined && { state }),
        ...(category !== undefined && { category }),
      });
      if (torrents.length > 0) for (const line of torrentLines(torrents)) context.output.data(line);
      else context.output.note("no torrents: shoal add takes files, magnet links and URLs");
      context.output.result({ torrents });
      return EXIT.ok;
    },
    ALONE,
  );
}

export async function runShow(
  word: string,
  options: DaemonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withDaemon(
    context,
    options,
    async ({ client }) => {
      const [first, ...more] = await selectTorrents(client, [word]);
      if (first === undefined || more.length > 0) {
        throw new CliError("usage", `${word} means ${1 + more.length} torrents: name one`);
      }
      const { infoHash } = first;
      const [torrent, { files }, { trackers }, { peers }] = await Promise.all([
        client.call("getTorrent", { infoHash }),
        client.call("listFiles", { infoHash }),
        client.call("listTrackers", { infoHash }),
        client.call("listPeers", { infoHash }),
      ]);
      for (const line of [
        ...describeTorrent(torrent),
        ...(files.length > 0 ? ["", ...fileLines(files)] : []),
        ...(trackers.length > 0 ? ["", ...trackerLines(trackers)] : []),
        ...(peers.length > 0 ? ["", ...peerLines(peers)] : []),
      ]) {
        context.output.data(line);
      }
      context.output.result({ ...torrent, files, trackers, peers });
      return EXIT.ok;
    },
    ALONE,
  );
}

function describeTorrent(torrent: Answer<"getTorrent">): string[] {
  const rows: (readonly [string, string | null])[] = [
    ["name", toPlainText(torrent.name)],
    ["infohash", torrent.infoHash],
    ["state", torrent.error === null ? torrent.state : `${torrent.state}: ${torrent.error}`],
    ["done", `${formatPercent(torrent.progress)} of ${formatBytes(torrent.sizeBytes)}`],
    ["rates", `${formatRate(torrent.downloadRate)} down, ${formatRate(torrent.uploadRate)} up`],
    ["left", torrent.etaS === null ? null : formatDuration(torrent.etaS)],
    ["slow because", torrent.slow === null ? null : SLOW_WHY[torrent.slow]],
    [
      "passed",
      `${formatBytes(torrent.downloadedBytes)} down, ${formatBytes(torrent.uploadedBytes)} up, ratio ${torrent.ratio.toFixed(2)}`,
    ],
    [
      "peers",
      `${formatCount(torrent.seeds, "seed")}, ${formatCount(torrent.leechers, "leecher")}, ${torrent.availability.toFixed(2)} copies`,
    ],
    [
      "pieces",
      `${torrent.verifiedPieces} of ${torrent.pieceCount}, ${formatBytes(torrent.pieceLengthBytes)} each`,
    ],
    ["folder", torrent.folder],
    ["category", torrent.category],
    ["comment", torrent.comment === null ? null : toPlainText(torrent.comment)],
    ["magnet", torrent.magnet],
  ];
  return rows.flatMap(([name, text]) => (text === null ? [] : [`${name.padEnd(13)} ${text}`]));
}

function fileLines(files: Answer<"listFiles">["files"]): string[] {
  const columns = [
    { title: "FILE", align: "right" },
    { title: "DONE", align: "right" },
    { title: "SIZE", align: "right" },
    { title: "PRIORITY", align: "right" },
    { title: "PATH" },
  ] as const;
  return formatTable(
    columns,
    files.map(({ index, doneBytes, lengthBytes, priority, path }) => [
      String(index),
      formatPercent(lengthBytes === 0 ? 1 : doneBytes / lengthBytes),
      formatBytes(lengthBytes),
      priority === 0 ? "skip" : String(priority),
      toPlainText(path),
    ]),
  );
}

function trackerLines(trackers: Answer<"listTrackers">["trackers"]): string[] {
  return formatTable(
    [{ title: "TRACKER" }, { title: "STATE" }, { title: "ERROR" }],
    trackers.map(({ url, state, error }) => [toPlainText(url), state, toPlainText(error ?? "")]),
  );
}

function peerLines(peers: Answer<"listPeers">["peers"]): string[] {
  const columns = [
    { title: "PEER" },
    { title: "DONE", align: "right" },
    { title: "DOWN", align: "right" },
    { title: "UP", align: "right" },
    { title: "CLIENT" },
  ] as const;
  return formatTable(
    columns,
    peers.map(({ address, port, progress, downloadRate, uploadRate, client }) => [
      `${address.includes(":") ? `[${address}]` : address}:${port}`,
      formatPercent(progress),
      formatRate(downloadRate),
      formatRate(uploadRate),
      toPlainText(client),
    ]),
  );
}

export type Action = Sent<"actOnTorrents">["action"];

/** Does one thing to the torrents that are meant. */
export async function runAction(
  words: readonly string[],
  action: Action,
  options: DaemonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withDaemon(
    context,
    options,
    async ({ client }) => {
      const torrents = await selectTorrents(client, words);
      const infoHashes = torrents.map(({ infoHash }) => infoHash);
      const { done, failed } = await client.call("actOnTorrents", { infoHashes, action });
      const { output } = context;
      for (const { infoHash, error } of failed) {
        const name = torrents.find((torrent) => torrent.infoHash === infoHash)?.name ?? infoHash;
        output.warn(`${toPlainText(name)}: ${error}`);
      }
      output.note(`${action}: ${formatCount(done, "torrent")}`);
      output.result({ action, done, failed });
      return failed.length === 0 ? EXIT.ok : EXIT.failed;
    },
    ALONE,
  );
}

export interface RemoveOptions extends DaemonOptions {
  readonly files?: boolean;
  readonly yes?: boolean;
}

/** Forgets torrents; before files go too, somebody has to have seen which. */
export async function runRemove(
  words: readonly string[],
  options: RemoveOptions,
  context: CommandContext,
): Promise<ExitCode> {
  if (options.files !== true) return await runAction(words, "remove", options, context);
  const torrents = await withDaemon(
    context,
    options,
    async ({ client }) => await selectTorrents(client, words),
    ALONE,
  );
  const bytes = torrents.reduce((sum, { verifiedBytes }) => sum + verifiedBytes, 0);
  const lines = [
    ...torrents.slice(0, SHOWN_NAMES).map(({ name }) => `  ${toPlainText(name)}`),
    ...(torrents.length > SHOWN_NAMES ? [`  and ${torrents.length - SHOWN_NAMES} more`] : []),
    `${formatCount(torrents.length, "torrent")} and their files, ${formatBytes(bytes)}, will be removed`,
  ];
  await askConsent(context, lines, { isGranted: options.yes === true, word: null });
  const infoHashes = torrents.map(({ infoHash }) => infoHash);
  return await runAction(infoHashes, "remove-with-files", options, context);
}

export async function runMove(
  word: string,
  folder: string,
  options: DaemonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withDaemon(context, options, async ({ client }) => {
    const to = resolve(folder);
    const torrents = await selectTorrents(client, [word]);
    for (const { infoHash, name } of torrents) {
      await client.call("moveTorrent", { infoHash, folder: to });
      context.output.note(`${toPlainText(name)} goes to ${to}`);
    }
    context.output.result({ folder: to, infoHashes: torrents.map(({ infoHash }) => infoHash) });
    return EXIT.ok;
  });
}

export interface LimitOptions extends DaemonOptions {
  readonly down?: number | null;
  readonly up?: number | null;
  readonly ratio?: number | null;
}

/** Sets limits of the torrents that are meant, or of all together when none is named. */
export async function runLimit(
  words: readonly string[],
  { down, up, ratio, ...options }: LimitOptions,
  context: CommandContext,
): Promise<ExitCode> {
  if (down === undefined && up === undefined && ratio === undefined) {
    throw new CliError("usage", "nothing to limit: give --down, --up or --ratio");
  }
  const limits = {
    ...(down !== undefined && { downloadLimit: down }),
    ...(up !== undefined && { uploadLimit: up }),
  };
  return await withDaemon(
    context,
    options,
    async ({ client }) => {
      if (words.length === 0) {
        const { settings } = await client.call("changeSettings", {
          speed: limits,
          ...(ratio !== undefined && { queue: { ratio } }),
        });
        context.output.note(`of all torrents: ${describeLimits(settings.speed)}`);
        context.output.result({ ...settings.speed, ratio: settings.queue.ratio });
        return EXIT.ok;
      }
      const torrents = await selectTorrents(client, words);
      for (const { infoHash } of torrents) {
        const changed = await client.call("changeTorrent", {
          infoHash,
          ...limits,
          ...(ratio !== undefined && { shareLimits: { ratio } }),
        });
        context.output.note(`${toPlainText(changed.name)}: ${describeLimits(changed)}`);
      }
      context.output.result({ infoHashes: torrents.map(({ infoHash }) => infoHash), ...limits });
      return EXIT.ok;
    },
    ALONE,
  );
}

function describeLimits(limits: {
  readonly downloadLimit: number | null;
  readonly uploadLimit: number | null;
}): string {
  const show = (limit: number | null): string => (limit === null ? "no limit" : formatRate(limit));
  return `down ${show(limits.downloadLimit)}, up ${show(limits.uploadLimit)}`;
}
