// A peer made of the engine, driven by lines of JSON as `driven-peer.ts` says. argv[2] is the job.
import { rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createSession } from "@shoal/engine";
import { createNodeRuntime } from "@shoal/runtime/node";
import { monotonicMs, type PeerJob } from "./peer-job.ts";

const job = JSON.parse(process.argv[2] ?? "") as PeerJob;
const { source, dir, host = "127.0.0.1", port = 0, encryption = "off", utp = "off" } = job;

// A seller's claims are on a disk, as they would be.
const storeFolder = job.trade === "sell" ? await mkdtemp(join(tmpdir(), "shoal-bench-")) : null;
const runtime = await createNodeRuntime({
  logLevel: "warn",
  ...(storeFolder === null ? {} : { storePath: join(storeFolder, "store") }),
});
// What only a trade needs is not to weigh on the others' figures.
const trade =
  job.trade === undefined ? null : await (await import("./trade.ts")).openTrade(job.trade, runtime);
const session = await createSession({
  runtime,
  host,
  port,
  encryption,
  utp,
  uploadLimit: job.uploadLimit ?? null,
  resume: false,
  ...(job.connections === undefined ? {} : { uploadSlots: job.connections }),
  ...trade?.sessionOptions,
});
const torrent = await session.add(source.startsWith("magnet:") ? source : await readFile(source), {
  dir,
});
trade?.attach(torrent);
let isFirst = true;
torrent.on((event) => {
  if (event.type === "piece" && isFirst) {
    isFirst = false;
    tell("piece");
  }
  if (event.type === "complete") tell("complete");
  if (event.type === "metadata") tell("metadata");
  if (event.type === "error") tell("error", { message: event.error.message });
});
if (!source.startsWith("magnet:")) await torrent.whenReady();
tell("ready", { port: session.port });

// An end in order also keeps what was compiled, for the next one.
process.once("SIGTERM", () => {
  if (storeFolder !== null) rmSync(storeFolder, { recursive: true, force: true });
  process.exit();
});

for await (const line of createInterface({ input: process.stdin })) {
  const { peers } = JSON.parse(line) as { peers: [string, number][] };
  tell("connecting");
  torrent.addPeers(peers.map(([address, peerPort]) => ({ address, port: peerPort })));
}
await session.close();
await runtime.close();

function tell(event: string, fields: object = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ms: monotonicMs(), ...fields })}\n`);
}
