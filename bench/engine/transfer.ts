import { createNamespace, type Namespace } from "../clients/namespace.ts";
import type { Peer, PeerJob } from "../clients/peer-job.ts";
import { Scope } from "../clients/scope.ts";
import { canConnect, type ClientName, startPeer } from "../clients/start-peer.ts";
import type { Contender, Figures } from "../contest.ts";
import { ProcessMeter } from "../process-meter.ts";
import { type ContentShelf, FAST_FOLDER, type Version } from "./content.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TRANSFER_TIMEOUT_MS = 300_000;

export interface Pair {
  readonly shelf: ContentShelf;
  readonly lengthBytes: number;
  readonly seeder: ClientName;
  readonly leecher: ClientName;
  readonly version?: Version;
  readonly encryption?: "off" | "require";
  /** `off` when absent. */
  readonly utp?: "off" | "only";
  /** The leecher pays the seeder; both are ours then. */
  readonly isPaid?: boolean;
  /** Which side's processor time counts as one's own. */
  readonly own?: "seeder" | "leecher";
}

/** A download from one process to another, both of which are new. */
export function transferContender(pair: Pair): Contender {
  const { seeder, leecher } = pair;
  return { name: `${seeder} → ${leecher}`, run: () => measureTransfer(pair) };
}

async function measureTransfer(pair: Pair): Promise<Figures> {
  const { shelf, lengthBytes, version = "v1", encryption = "off", utp = "off" } = pair;
  const content = await shelf.take(lengthBytes);
  const scope = new Scope();
  try {
    const place = await findPlace(pair, scope);
    const shared: PeerJob = {
      source: await content.torrent(version),
      dir: content.dir,
      encryption,
      utp,
      host: place.host,
    };
    const options = { scope, ...place.options };
    const sold: PeerJob = pair.isPaid === true ? { ...shared, trade: "sell" } : shared;
    const bought: PeerJob = pair.isPaid === true ? { ...shared, trade: "buy" } : shared;
    const seeder = await startPeer(pair.seeder, sold, { ...options, seed: true });
    const dir = await scope.folder(FAST_FOLDER);
    const leecher = await startPeer(pair.leecher, { ...bought, dir }, { ...options, seed: false });
    return await measure(pair, seeder, leecher);
  } finally {
    await scope.close();
  }
}

async function measure(pair: Pair, seeder: Peer, leecher: Peer): Promise<Figures> {
  const { lengthBytes } = pair;
  const meters = [new ProcessMeter(seeder.pid), new ProcessMeter(leecher.pid)] as const;
  const startMs = canConnect(pair.leecher)
    ? await leecher.connect([seeder.endpoint])
    : await seeder.connect([leecher.endpoint]);
  const { first, completeMs } = await leecher.whenComplete(TRANSFER_TIMEOUT_MS);
  const [ofSeeder, ofLeecher] = [meters[0].stop(), meters[1].stop()];
  const rate = (bytes: number, fromMs: number): number =>
    bytes / MIB / ((completeMs - fromMs) / 1000);
  const perGiB = (cpuS: number): number => cpuS / (lengthBytes / GIB);
  const own = pair.own === undefined ? null : pair.own === "seeder" ? ofSeeder : ofLeecher;
  return {
    rate: rate(lengthBytes, startMs),
    ...(first === null ? {} : { transferring: rate(lengthBytes - first.verifiedBytes, first.ms) }),
    cpu: perGiB(ofSeeder.cpuS + ofLeecher.cpuS),
    ...(own === null ? {} : { ownCpu: perGiB(own.cpuS) }),
    seederMemory: ofSeeder.peakMemoryMiB,
    leecherMemory: ofLeecher.peakMemoryMiB,
  };
}

/** Loopback, but for transmission, which has to be met at the edge of a namespace. */
async function findPlace(
  { seeder, leecher }: Pair,
  scope: Scope,
): Promise<{ host: string; options: { inNamespace?: Namespace } }> {
  if (seeder !== "transmission" && leecher !== "transmission") {
    return { host: "127.0.0.1", options: {} };
  }
  const namespace = await createNamespace(scope);
  return { host: namespace.outsideAddress, options: { inNamespace: namespace } };
}
