// A peer made of webtorrent, driven by lines of JSON as `driven-peer.ts` says. argv[2] is the job, with the path of
// the module in `module`.
import { createInterface } from "node:readline";
import { monotonicMs, type PeerJob } from "./peer-job.ts";

/** As much of webtorrent as is used here. */
interface WebTorrent {
  readonly torrentPort: number;
  add(source: string, options: { path: string }): WebTorrentDownload;
}
interface WebTorrentDownload {
  once(event: "verified" | "done" | "ready", listener: () => void): void;
  addPeer(address: string): void;
}

const job = JSON.parse(process.argv[2] ?? "") as PeerJob & { module: string };
const { default: Client } = (await import(job.module)) as {
  default: new (options: object) => WebTorrent;
};
const offline = { dht: false, lsd: false, tracker: false, utp: false };
const client = new Client({
  ...offline,
  natUpnp: false,
  natPmp: false,
  torrentPort: job.port ?? 0,
});
const torrent = client.add(job.source, { path: job.dir });
torrent.once("verified", () => tell("piece"));
torrent.once("done", () => tell("complete"));
torrent.once("ready", () => tell("ready", { port: client.torrentPort }));

for await (const line of createInterface({ input: process.stdin })) {
  const { peers } = JSON.parse(line) as { peers: [string, number][] };
  tell("connecting");
  for (const [address, port] of peers) torrent.addPeer(`${address}:${port}`);
}
process.exit(0);

function tell(event: string, fields: object = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ms: monotonicMs(), ...fields })}\n`);
}
