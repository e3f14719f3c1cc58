import { startCrowd } from "../clients/crowd.ts";
import { Scope } from "../clients/scope.ts";
import { startPeer } from "../clients/start-peer.ts";
import type { Contender, Contest, Figures } from "../contest.ts";
import { ProcessMeter } from "../process-meter.ts";
import { FAST_FOLDER } from "./content.ts";
import type { EngineBench } from "./engine-bench.ts";

const MIB = 2 ** 20;
const PEERS = 50;
const LEECH_BYTES = 256 * MIB;
/** Fifty copies of it are written. */
const SEED_BYTES = 48 * MIB;
const TIMEOUT_MS = 300_000;
const MAX_ROUNDS = 1;

type Client = "shoal" | "libtorrent";

/** One peer among fifty, which live in one other process: what matters is its memory. */
export function listCrowds(bench: EngineBench): Contest[] {
  const contest = (
    title: string,
    contender: (bench: EngineBench, client: Client) => Contender,
  ): Contest => ({
    title,
    ours: contender(bench, "shoal"),
    other: bench.rivals.has("libtorrent") ? contender(bench, "libtorrent") : null,
    maxRounds: MAX_ROUNDS,
  });
  return [
    contest(`from ${PEERS} seeders`, leecherContender),
    contest(`to ${PEERS} leechers`, seederContender),
  ];
}

/** How such a download may differ. */
export interface Leeching {
  /** The leecher, which is ours then, pays the best of them. */
  readonly isPaid?: boolean;
  readonly lengthBytes?: number;
}

export function leecherContender(
  { shelf }: Pick<EngineBench, "shelf">,
  client: Client,
  { isPaid = false, lengthBytes = LEECH_BYTES }: Leeching = {},
): Contender {
  return {
    name: `${PEERS} shoal → ${client}`,
    run: () =>
      withScope(async (scope) => {
        const content = await shelf.take(lengthBytes);
        const source = await content.torrent("v1");
        const crowdJob = { source, dir: content.dir, count: PEERS, seed: true };
        const sold = isPaid ? ({ trade: "sell" } as const) : {};
        const { crowd, endpoints } = await startCrowd({ ...crowdJob, ...sold }, { scope });
        const dir = await scope.folder(FAST_FOLDER);
        const bought = isPaid ? ({ trade: "buy" } as const) : {};
        const job = { source, dir, connections: PEERS, ...bought };
        const leecher = await startPeer(client, job, { scope, seed: false });
        const meters = [new ProcessMeter(leecher.pid), new ProcessMeter(crowd.pid)] as const;
        const startMs = await leecher.connect(endpoints);
        const { completeMs } = await leecher.whenComplete(TIMEOUT_MS);
        const [own, others] = [meters[0].stop(), meters[1].stop()];
        const perGiB = (cpuS: number): number => cpuS / (lengthBytes / 2 ** 30);
        return {
          rate: lengthBytes / MIB / ((completeMs - startMs) / 1000),
          cpu: perGiB(own.cpuS + others.cpuS),
          ownCpu: perGiB(own.cpuS),
          leecherMemory: own.peakMemoryMiB,
        };
      }),
  };
}

function seederContender({ shelf }: EngineBench, client: Client): Contender {
  return {
    name: `${client} → ${PEERS} shoal`,
    run: () =>
      withScope(async (scope) => {
        const content = await shelf.take(SEED_BYTES);
        const source = await content.torrent("v1");
        const job = { source, dir: content.dir, connections: PEERS };
        const seeder = await startPeer(client, job, { scope, seed: true });
        const dir = await scope.folder(FAST_FOLDER);
        const { crowd } = await startCrowd({ source, dir, count: PEERS, seed: false }, { scope });
        const meter = new ProcessMeter(seeder.pid);
        const startMs = await crowd.connect([seeder.endpoint]);
        const { completeMs } = await crowd.whenComplete(TIMEOUT_MS);
        const usage = meter.stop();
        const sentBytes = SEED_BYTES * PEERS;
        return {
          rate: sentBytes / MIB / ((completeMs - startMs) / 1000),
          ownCpu: usage.cpuS / (sentBytes / 2 ** 30),
          seederMemory: usage.peakMemoryMiB,
        };
      }),
  };
}

async function withScope(measure: (scope: Scope) => Promise<Figures>): Promise<Figures> {
  const scope = new Scope();
  try {
    return await measure(scope);
  } finally {
    await scope.close();
  }
}
