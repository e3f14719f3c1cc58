// A session that tells once a second, as a line of JSON, what it holds and what it dropped. Run with --expose-gc.
// argv[2] is {"torrents": [[file, folder], ...], "bootstrap": [{host, port}]}.
import { readFile } from "node:fs/promises";
import { createSession } from "@shoal/engine";
import { createNodeRuntime } from "@shoal/runtime/node";

const job = JSON.parse(process.argv[2] ?? "") as {
  readonly torrents: readonly [string, string][];
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[];
};
const collect = (globalThis as { gc?: () => void }).gc!;

const runtime = await createNodeRuntime({ logLevel: "error" });
const session = await createSession({
  runtime,
  host: "127.0.0.1",
  utp: "prefer",
  lsd: true,
  dht: { bootstrap: job.bootstrap },
  resume: false,
});
const peers = { connected: 0, banned: 0, cut: {} as Record<string, number> };
for (const [file, dir] of job.torrents) {
  const torrent = await session.add(await readFile(file), { dir });
  torrent.on((event) => {
    if (event.type === "peer-connected") peers.connected++;
    if (event.type === "peer-disconnected") {
      const reason = describe(event.error);
      peers.cut[reason] = (peers.cut[reason] ?? 0) + 1;
    }
    if (event.type === "peer-banned") peers.banned++;
  });
  await torrent.whenReady();
}
tell("ready", { port: session.port });

runtime.clock.setRepeating(1000, () => {
  collect();
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  tell("sample", {
    liveBytes: heapUsed + external + arrayBuffers,
    rssBytes: rss,
    handles: process.getActiveResourcesInfo().length,
    openConnections: session.connections.count,
    knownAddresses: session.torrents.map((torrent) => torrent.status().knownAddresses),
    peers,
    udp: { unclaimed: session.udp?.unclaimed },
    utp: session.utp,
    dht: session.dht?.nodes[0]?.counters,
    lsd: session.discovery.lsd,
  });
});

process.once("SIGTERM", () => {
  void session.close().then(() => runtime.close());
});

/** What was wrong, without the values: of those there is no end. */
function describe(error: Error | null): string {
  return error === null ? "they left" : /^[^\d"]*/.exec(error.message)![0].split(": ")[0]!.trim();
}

function tell(event: string, fields: object): void {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
}
