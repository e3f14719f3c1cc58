// Several downloads in a sharded session. argv[2] is the job; a line of JSON names the peer of each, and starts them.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { createShardedSession } from "@shoal/engine";
import { createNodeRuntime, createThreads } from "@shoal/runtime/node";
import { monotonicMs } from "./peer-job.ts";

/** What is downloaded, by how many workers. */
export interface ShardsJob {
  readonly workers: number;
  readonly downloads: readonly { readonly source: string; readonly dir: string }[];
}

const { workers, downloads } = JSON.parse(process.argv[2] ?? "") as ShardsJob;
const runtime = await createNodeRuntime({ logLevel: "warn" });
const threads = createThreads({ sharedBy: workers, logLevel: "warn" });
const host = "127.0.0.1";
const session = await createShardedSession({ runtime, threads, workers, host, utp: "off" });
const torrents = await Promise.all(
  downloads.map(async ({ source, dir }) => session.add(await readFile(source), { dir })),
);
await Promise.all(torrents.map((torrent) => torrent.whenReady()));
tell("ready");

process.once("SIGTERM", () => process.exit());

for await (const line of createInterface({ input: process.stdin })) {
  const { peers } = JSON.parse(line) as { peers: [string, number][] };
  tell("connecting");
  await Promise.all(
    torrents.map(async (torrent, index) => {
      const [address, port] = peers[index]!;
      await torrent.addPeers([{ address, port }]);
      await torrent.whenComplete();
    }),
  );
  tell("complete");
}
await session.close();
await runtime.close();

function tell(event: string): void {
  process.stdout.write(`${JSON.stringify({ event, ms: monotonicMs() })}\n`);
}
