import type { Peer } from "../clients/peer-job.ts";
import { Scope } from "../clients/scope.ts";
import { startPeer } from "../clients/start-peer.ts";
import type { Contender, Contest, Figures } from "../contest.ts";
import { ProcessMeter } from "../process-meter.ts";
import { FAST_FOLDER } from "./content.ts";
import type { EngineBench } from "./engine-bench.ts";

const MIB = 2 ** 20;
const TIMEOUT_MS = 300_000;
/** What each of many seeders may send: 16 of them are still no strain on a small machine. */
const SEEDER_LIMIT = 5 * MIB;
const LIMITED_SECONDS = 5;
/** The limits, not the machine, decide about these. */
const LIMITED_ROUNDS = 2;

interface Shape {
  readonly client: "shoal" | "libtorrent";
  readonly seeders: number;
  readonly leechers: number;
  readonly lengthBytes: number;
  /** Bytes per second of each seeder. */
  readonly uploadLimit?: number;
}

/** More than two peers: seeders with limited upload, and a seeder with several leechers. */
export function listSwarms(bench: EngineBench): Contest[] {
  const contest = (title: string, shape: Omit<Shape, "client">): Contest => ({
    title,
    ours: swarmContender(bench, { ...shape, client: "shoal" }),
    other: bench.rivals.has("libtorrent")
      ? swarmContender(bench, { ...shape, client: "libtorrent" })
      : null,
  });
  const limited = [1, 2, 4, 8, 16].map((seeders) => ({
    ...contest(`from seeders of ${SEEDER_LIMIT / MIB} MiB/s: ${seeders}`, {
      seeders,
      leechers: 1,
      lengthBytes: seeders * SEEDER_LIMIT * LIMITED_SECONDS,
      uploadLimit: SEEDER_LIMIT,
    }),
    maxRounds: LIMITED_ROUNDS,
  }));
  const lengthBytes = bench.sizeBytes / 2;
  return [...limited, contest("swarm 1 + 4", { seeders: 1, leechers: 4, lengthBytes })];
}

function swarmContender(bench: EngineBench, shape: Shape): Contender {
  const { client, seeders, leechers } = shape;
  return { name: `${seeders} → ${leechers} ${client}`, run: () => measureSwarm(bench, shape) };
}

async function measureSwarm({ shelf }: EngineBench, shape: Shape): Promise<Figures> {
  const { client, lengthBytes, uploadLimit } = shape;
  const content = await shelf.take(lengthBytes);
  const source = await content.torrent("v1");
  const scope = new Scope();
  try {
    const limit = uploadLimit === undefined ? {} : { uploadLimit };
    const seeders = await startAll(shape.seeders, () =>
      startPeer(client, { source, dir: content.dir, ...limit }, { scope, seed: true }),
    );
    const leechers = await startAll(shape.leechers, async () => {
      const dir = await scope.folder(FAST_FOLDER);
      return await startPeer(client, { source, dir }, { scope, seed: false });
    });
    const meters = [...seeders, ...leechers].map(({ pid }) => new ProcessMeter(pid));
    const starts = await Promise.all(
      leechers.map((leecher, index) =>
        leecher.connect([...seeders, ...leechers.slice(0, index)].map(({ endpoint }) => endpoint)),
      ),
    );
    const ends = await Promise.all(leechers.map((leecher) => leecher.whenComplete(TIMEOUT_MS)));
    const usages = meters.map((meter) => meter.stop());
    const endMs = Math.max(...ends.map(({ completeMs }) => completeMs));
    const seconds = (endMs - Math.min(...starts)) / 1000;
    const deliveredBytes = lengthBytes * shape.leechers;
    const cpuS = usages.reduce((sum, usage) => sum + usage.cpuS, 0);
    const peakOf = (of: typeof usages): number =>
      Math.max(...of.map(({ peakMemoryMiB }) => peakMemoryMiB));
    return {
      rate: deliveredBytes / MIB / seconds,
      cpu: cpuS / (deliveredBytes / 2 ** 30),
      seederMemory: peakOf(usages.slice(0, seeders.length)),
      leecherMemory: peakOf(usages.slice(seeders.length)),
    };
  } finally {
    await scope.close();
  }
}

/** One after another: many processes that start together would check their files together. */
async function startAll(count: number, start: () => Promise<Peer>): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (let i = 0; i < count; i++) peers.push(await start());
  return peers;
}
