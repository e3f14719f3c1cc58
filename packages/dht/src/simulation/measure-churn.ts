import type { SimWorld } from "@shoal/runtime/sim";
import { findPeers } from "../lookup/find-peers.ts";
import { addNode, createNetwork, DHT_PORT, publicAddress, type SimDht } from "./dht-network.ts";

export interface ChurnOptions {
  readonly nodes: number;
  /** Share of the nodes that vanish without a word, and of new ones that come. */
  readonly share: number;
  /** The time in which they do. */
  readonly durationMs: number;
  /** Look-ups of each phase. */
  readonly lookups: number;
  /** Nodes that come in each second while the network is built. */
  readonly joinsPerSecond?: number;
  readonly onPhase?: (phase: string) => void;
}

/** How the look-ups of one phase went. */
export interface LookupFigures {
  readonly lookups: number;
  /** Those that found the peer that was announced. */
  readonly found: number;
  readonly meanHops: number;
  readonly meanQueries: number;
  /** Queries that were answered, of all. */
  readonly answeredShare: number;
  readonly medianMs: number;
  readonly slowestTwentiethMs: number;
}

export interface ChurnFigures {
  readonly nodes: number;
  readonly medianTableSize: number;
  /** Datagrams that a node sends in a minute when nobody looks for anything, the phase of churn. */
  readonly datagramsPerNodeMinute: number;
  readonly bytesPerNodeMinute: number;
  /** Nobody leaves. */
  readonly calm: LookupFigures;
  /** While the share of the nodes leaves, evenly, and as many come. */
  readonly churn: LookupFigures;
  /** After the same share has vanished at one moment. */
  readonly collapse: LookupFigures;
}

/**
 * Builds a network, announces torrents, and looks for them while nodes come and go. Nobody announces
 * again: what was stored has to be found where it is.
 */
export async function measureChurn(world: SimWorld, options: ChurnOptions): Promise<ChurnFigures> {
  const { nodes: count, share, durationMs, lookups, joinsPerSecond = 20, onPhase } = options;
  onPhase?.("building");
  const alive = await createNetwork(world, count, joinsPerSecond);
  const chance = alive[0]!.host.random;
  const anyone = (): SimDht => alive[chance.integer(alive.length)]!;
  let nextIndex = count;

  onPhase?.("announcing");
  const torrents: { infoHash: Uint8Array; port: number }[] = [];
  for (let i = 0; i < lookups; i++) {
    torrents.push({ infoHash: chance.bytes(20), port: 1024 + i });
  }
  await world.complete(
    Promise.all(torrents.map(({ infoHash, port }) => anyone().dht.announce(infoHash, { port }))),
  );
  const sizes = alive.map(({ dht }) => dht.nodes[0]!.table.size).sort((a, b) => a - b);

  /** One look-up for each torrent, spread over a time. */
  const measure = async (spreadMs: number, between: (done: number) => Promise<void>) => {
    const runs: { found: boolean; hops: number; queries: number; answers: number; ms: number }[] =
      [];
    for (const [index, { infoHash, port }] of torrents.entries()) {
      const startMs = world.timeMs;
      const peers: number[] = [];
      const search = await world.complete(searchPeers(anyone(), infoHash, peers));
      runs.push({ ...search, found: peers.includes(port), ms: world.timeMs - startMs });
      await between((index + 1) / torrents.length);
      const untilMs = startMs + spreadMs / torrents.length;
      if (untilMs > world.timeMs) await world.run({ untilMs });
    }
    return summarize(runs);
  };
  const leave = (): void => {
    const [gone] = alive.splice(1 + chance.integer(alive.length - 1), 1);
    gone!.host.crash();
  };

  onPhase?.("calm");
  const calm = await measure(0, async () => {});

  onPhase?.("churn");
  const before = sentBy(alive);
  const startMs = world.timeMs;
  let replaced = 0;
  const churn = await measure(durationMs, async (done) => {
    for (; replaced < done * share * count; replaced++) {
      leave();
      const bootstrap = [{ host: anyone().address, port: DHT_PORT }];
      alive.push(await addNode(world, publicAddress(nextIndex++), { bootstrap }));
    }
  });
  const after = sentBy(alive);
  const minutes = (world.timeMs - startMs) / 60_000;

  onPhase?.("collapse");
  for (let i = 0; i < share * count; i++) leave();
  const collapse = await measure(0, async () => {});
  for (const { dht } of alive) dht.close();

  return {
    nodes: count,
    medianTableSize: sizes[sizes.length >> 1]!,
    datagramsPerNodeMinute: (after.datagrams - before.datagrams) / alive.length / minutes,
    bytesPerNodeMinute: (after.bytes - before.bytes) / alive.length / minutes,
    calm,
    churn,
    collapse,
  };
}

async function searchPeers({ dht }: SimDht, infoHash: Uint8Array, ports: number[]) {
  return await findPeers([[dht.nodes[0]!]], {
    infoHash,
    announcement: null,
    onPeer: ({ port }) => void ports.push(port),
    signal: new AbortController().signal,
  });
}

function sentBy(nodes: readonly SimDht[]): { datagrams: number; bytes: number } {
  let datagrams = 0;
  let bytes = 0;
  for (const { dht } of nodes) {
    datagrams += dht.nodes[0]!.counters.sent;
    bytes += dht.nodes[0]!.counters.sentBytes;
  }
  return { datagrams, bytes };
}

function summarize(
  runs: readonly { found: boolean; hops: number; queries: number; answers: number; ms: number }[],
): LookupFigures {
  const times = runs.map(({ ms }) => ms).sort((a, b) => a - b);
  const queries = sum(runs.map((run) => run.queries));
  return {
    lookups: runs.length,
    found: runs.filter(({ found }) => found).length,
    meanHops: sum(runs.map(({ hops }) => hops)) / runs.length,
    meanQueries: queries / runs.length,
    answeredShare: sum(runs.map(({ answers }) => answers)) / queries,
    medianMs: times[times.length >> 1]!,
    slowestTwentiethMs: times[Math.floor(times.length * 0.95)]!,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
