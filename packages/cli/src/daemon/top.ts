import type { ApiClient } from "@shoal/api/client";
import { pause } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import type { CommandContext } from "../commands/context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes, formatCount, formatRate } from "../output/format.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { torrentLines } from "./torrent-lines.ts";
import { withDaemon } from "./with-daemon.ts";

export interface TopOptions extends DaemonOptions {
  /** Torrents that are shown. */
  readonly count: number;
}

const EVERY_MS = 1000;

/** Shows the fastest torrents, again each second until a signal comes; once where stderr is no terminal. */
export async function runTop(options: TopOptions, context: CommandContext): Promise<ExitCode> {
  const { output, signal } = context;
  return await withDaemon(context, options, async ({ client }) => {
    if (!output.isLive) {
      const { lines, result } = await look(client, options.count);
      for (const line of lines) output.data(line);
      output.result(result);
      return EXIT.ok;
    }
    const runtime = await createNodeRuntime({ storePath: null, keepsAlive: true });
    try {
      while (!signal.aborted) {
        output.live((await look(client, options.count)).lines);
        await pause(runtime.clock, EVERY_MS, signal).catch(() => {});
      }
    } finally {
      output.live([]);
      await runtime.close();
    }
    return EXIT.interrupted;
  });
}

async function look(client: ApiClient, count: number) {
  const [transfer, { torrents }] = await Promise.all([
    client.call("getTransfer"),
    client.call("listTorrents", { sort: "downloadRate", order: "desc", limit: count }),
  ]);
  const busiest = torrents.toSorted(
    (a, b) => b.downloadRate + b.uploadRate - a.downloadRate - a.uploadRate,
  );
  const { downloadRate, uploadRate, active, peers, freeDiskBytes } = transfer;
  const head = [
    `${formatRate(downloadRate)} down`,
    `${formatRate(uploadRate)} up`,
    `${active} of ${formatCount(transfer.torrents, "torrent")} active`,
    formatCount(peers, "peer"),
    ...(freeDiskBytes === null ? [] : [`${formatBytes(freeDiskBytes)} free`]),
  ];
  return {
    lines: [head.join("   "), "", ...torrentLines(busiest)],
    result: { ...transfer, busiest },
  };
}
