import { fileURLToPath } from "node:url";
import { fromHex } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import { JsonChild } from "../../bench/clients/json-child.ts";
import type { Scope } from "../../bench/clients/scope.ts";
import { openDht } from "../../packages/dht/src/index.ts";
import { PIECE_LENGTH, SAMPLE_NAME, writeSample } from "../sample.ts";
import { createTorrent } from "../shoal.ts";
import { connectBadPeers } from "./bad-peers.ts";
import { sendBadDatagrams } from "./bad-datagrams.ts";
import { startBadTrackers } from "./bad-trackers.ts";

const SESSION = fileURLToPath(new URL("./session.ts", import.meta.url));
/** Of each kind, and of peers, a second. */
const DATAGRAMS_PER_SECOND = 25;
const PEERS_PER_SECOND = 8;

/** What a session held and had dropped, at one moment. */
export interface Sample {
  readonly liveBytes: number;
  readonly rssBytes: number;
  readonly handles: number;
  readonly openConnections: number;
  readonly knownAddresses: readonly number[];
  /** Those that were let in, and why how many of them were cut off. */
  readonly peers: { readonly connected: number; readonly cut: Readonly<Record<string, number>> };
  readonly udp: { readonly unclaimed: number };
  readonly utp: { readonly received: number; readonly dropped: number };
  readonly dht: Readonly<Record<string, number>>;
  readonly lsd: { readonly dropped: number };
}

export interface Soak {
  readonly samples: readonly Sample[];
  readonly sent: { readonly datagrams: number; readonly peers: number; readonly announces: number };
  /** The session, which goes on until the scope is closed; what it seeds, and where that lies. */
  readonly session: Endpoint;
  readonly torrent: string;
  readonly dir: string;
}

/**
 * Runs a session with a seed and a download, in a DHT, and sends it bad packets of every kind, connects bad peers to it
 * and has it ask bad trackers, for so long.
 * @param report Called with each sample, one a second.
 */
export async function runSoak(
  scope: Scope,
  durationMs: number,
  report: (sample: Sample) => void = () => {},
): Promise<Soak> {
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const dht = await openDht({ ...runtime, hosts: ["127.0.0.1"] });
  scope.defer(async () => {
    await dht.closeSockets();
    await runtime.close();
  });
  const trackers = await startBadTrackers();
  scope.defer(() => trackers.stop());
  const named = trackers.urls.flatMap((url) => ["--tracker", url]);
  const make = async (dir: string, piece: string) =>
    await createTorrent(
      `${dir}/${SAMPLE_NAME}`,
      `${dir}/${piece}.torrent`,
      ...["--v1", "--piece-length", piece, ...named],
    );
  const dir = await writeSample(scope);
  const seeded = await make(dir, PIECE_LENGTH);
  // The same files in other pieces: a download that nobody has anything for.
  const sought = await make(dir, "32K");

  const job = {
    torrents: [
      [seeded.torrent, dir],
      [sought.torrent, await scope.folder()],
    ],
    bootstrap: dht.locals.map(({ address: host, port }) => ({ host, port })),
  };
  const env = { SHOAL_HOME: await scope.folder() };
  const args = ["--expose-gc", SESSION, JSON.stringify(job)];
  const child = new JsonChild(process.execPath, args, { scope, env });
  const { port } = await child.waitForEvent("ready");
  const session = { address: "127.0.0.1", port: Number(port) };

  const infoHashes = [seeded, sought].map(({ infoHash }) => fromHex(infoHash));
  const datagrams = sendBadDatagrams(session, DATAGRAMS_PER_SECOND);
  const peers = connectBadPeers(session, infoHashes, PEERS_PER_SECOND);
  const samples: Sample[] = [];
  const end = performance.now() + durationMs;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.onLine((line) => {
    if (!line.startsWith('{"event":"sample"')) return;
    const sample = JSON.parse(line) as Sample;
    samples.push(sample);
    report(sample);
    if (performance.now() > end) resolve();
  });
  void child.exited.then(({ code, signal }) =>
    reject(new Error(`the session ended (${code ?? signal}): ${child.tail}`)),
  );
  try {
    await promise;
  } finally {
    datagrams.stop();
    peers.stop();
  }
  const sent = { datagrams: datagrams.sent, peers: peers.made, announces: trackers.asked };
  return { samples, sent, session, torrent: seeded.torrent, dir };
}

/** The middle of what a part of the samples holds. */
export function medianOf(samples: readonly Sample[], read: (sample: Sample) => number): number {
  const values = samples.map(read).toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)]!;
}
