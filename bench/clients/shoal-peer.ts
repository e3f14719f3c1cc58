// A peer made of the engine, driven by lines of JSON as `driven-peer.ts` says. argv[2] is the job.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { createSession } from "@shoal/engine";
import { createNodeRuntime } from "@shoal/runtime/node";
import { monotonicMs, type PeerJob } from "./peer-job.ts";

const job = JSON.parse(process.argv[2] ?? "") as PeerJob;
const { source, dir, host = "127.0.0.1", port = 0, encryption = "off", utp = "off" } = job;

const runtime = await createNodeRuntime({ logLevel: "warn" });
const session = await createSession({
  runtime,
  host,
  port,
  encryption,
  utp,
  uploadLimit: job.uploadLimit ?? null,
  resume: false,
  ...(job.connections === undefined ? {} : { uploadSlots: job.connections }),
});
const torrent = await session.add(source.startsWith("magnet:") ? source : await readFile(source), {
  dir,
});
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
process.once("SIGTERM", () => process.exit());

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
