import type { SimWorld } from "@shoal/runtime/sim";
import { createShardedSession } from "../shards/create-sharded-session.ts";
import type { ShardedSessionOptions } from "../shards/sharded-session.ts";
import { workerOf } from "../shards/worker-of.ts";
import { createSimThreads, type SimThreads } from "./sim-threads.ts";
import {
  DATA_DIR,
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

export const KIB = 1024;
export const PORT = 7000;

/** A torrent that falls to this worker. */
export function sampleOf(worker: number, workers: number, lengthBytes = 256 * KIB): SampleTorrent {
  for (let seed = 1; ; seed++) {
    const sample = sampleTorrent({
      version: "v1",
      pieceLengthBytes: 16 * KIB,
      fileLengths: [lengthBytes],
      seed,
    });
    if (workerOf(hashOf(sample), workers) === worker) return sample;
  }
}

const hashOf = (sample: SampleTorrent) => Buffer.from(sample.metainfo.v1!.infoHash).toString("hex");

export async function openShards(
  world: SimWorld,
  options: Partial<ShardedSessionOptions> = {},
  workers = 2,
) {
  const hosts = Array.from({ length: workers }, (_, index) =>
    world.host({ address: `10.0.1.${index + 1}` }),
  );
  const threads = createSimThreads(world, hosts);
  const runtime = world.host({ address: "10.0.2.1" });
  const session = await world.complete(
    createShardedSession({ runtime, threads, workers, port: PORT, ...options }),
  );
  return { session, threads };
}

/** Seeds of two torrents, one for each of two workers. */
export async function startSeeds(
  world: SimWorld,
  lengthBytes?: number,
  up = 10_000_000,
): Promise<Node[]> {
  const seeds: Node[] = [];
  for (const worker of [0, 1]) {
    const sample = sampleOf(worker, 2, lengthBytes);
    const host = { address: `10.0.0.${worker + 1}`, upBytesPerSecond: up };
    seeds.push(await startNode(world, { host, sample, seed: true }));
  }
  return seeds;
}

export const sampleBytes = (seeds: readonly Node[], worker: number, lengthBytes?: number) => ({
  sample: sampleOf(worker, 2, lengthBytes),
  peers: [endpointOf(seeds[worker]!)],
});

/** Adds the torrent of each seed. */
export async function addAll(
  world: SimWorld,
  session: Awaited<ReturnType<typeof openShards>>["session"],
  seeds: readonly Node[],
  lengthBytes?: number,
) {
  const torrents = [];
  for (const worker of seeds.keys()) {
    const { sample, peers } = sampleBytes(seeds, worker, lengthBytes);
    torrents.push(await world.complete(session.add(sample.bytes, { dir: DATA_DIR, peers })));
  }
  return torrents;
}

export const hasContent = (threads: SimThreads, worker: number, lengthBytes?: number) =>
  holdsContent(threads.hosts[worker]!, sampleOf(worker, 2, lengthBytes));
