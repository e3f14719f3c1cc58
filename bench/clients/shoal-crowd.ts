// Many peers in one process, driven by lines of JSON as `driven-peer.ts` says. argv[2] is the job; leechers of a
// crowd write below folders of their own.
import { rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { createSession, type Torrent } from "@shoal/engine";
import { createNodeRuntime } from "@shoal/runtime/node";
import type { CrowdJob } from "./crowd.ts";
import { monotonicMs } from "./peer-job.ts";

const job = JSON.parse(process.argv[2]!) as CrowdJob;
const { source, dir, host = "127.0.0.1", count, seed, trade } = job;
const torrentFile = await readFile(source);
const storeFolder = trade === "sell" ? await mkdtemp(join(tmpdir(), "shoal-bench-")) : null;
const runtime = await createNodeRuntime({
  logLevel: "warn",
  ...(storeFolder === null ? {} : { storePath: join(storeFolder, "store") }),
});
process.once("exit", () => {
  if (storeFolder !== null) rmSync(storeFolder, { recursive: true });
});
if (seed) await checkOnce();
const torrents: Torrent[] = [];
const ports: number[] = [];
for (let i = 0; i < count; i++) {
  const sold =
    trade === "sell" ? await (await import("./trade.ts")).openTrade(trade, runtime, i) : null;
  const session = await createSession({
    ...{ runtime, host, encryption: "off", resume: seed },
    ...sold?.sessionOptions,
  });
  const torrent = await session.add(torrentFile, { dir: seed ? dir : join(dir, String(i)) });
  await torrent.whenReady();
  torrents.push(torrent);
  ports.push(session.port);
}
tell("ready", { port: ports[0], ports });

// An end in order also keeps what was compiled, for the next one.
process.once("SIGTERM", () => process.exit());

for await (const line of createInterface({ input: process.stdin })) {
  const { peers } = JSON.parse(line) as { peers: [string, number][] };
  tell("connecting");
  for (const torrent of torrents) {
    torrent.addPeers(peers.map(([address, port]) => ({ address, port })));
  }
  void Promise.all(torrents.map((torrent) => torrent.whenComplete())).then(() => tell("complete"));
}
process.exit(0);

/** One of them hashes what they all share: the others find in the store that it is right. */
async function checkOnce(): Promise<void> {
  const session = await createSession({ runtime, host, encryption: "off" });
  const torrent = await session.add(torrentFile, { dir });
  await torrent.whenComplete();
  await session.close();
}

function tell(event: string, fields: object = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ms: monotonicMs(), ...fields })}\n`);
}
