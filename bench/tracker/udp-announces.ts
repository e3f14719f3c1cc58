import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { startOpentracker } from "../clients/opentracker.ts";
import { JsonChild } from "../clients/json-child.ts";
import { findModule } from "../clients/npm-module.ts";
import { isInstalled } from "../clients/packages.ts";
import { Scope } from "../clients/scope.ts";
import type { Contender, Contest, Figures } from "../contest.ts";
import { ProcessMeter } from "../process-meter.ts";
import { runAnnounceLoad } from "./announce-load.ts";

const BIN = fileURLToPath(new URL("../../bin/shoal", import.meta.url));
const RIVAL = fileURLToPath(new URL("../clients/bittorrent-tracker-server.ts", import.meta.url));

const TORRENTS = 1000;
const PEERS_PER_TORRENT = 40;
/** Every peer announces once before anything is measured. */
const WARM_UP = TORRENTS * PEERS_PER_TORRENT;
const IN_FLIGHT = 256;

/** A tracker's process and its UDP port. */
interface Served {
  readonly pid: number;
  readonly port: number;
}

type StartTracker = (scope: Scope, infoHashes: readonly Uint8Array[]) => Promise<Served>;

/**
 * UDP announces answered for each second of processor time: what one core carries, whatever the
 * program that asks needs for itself.
 */
export async function listUdpAnnounceContests(): Promise<Contest[]> {
  const shoal = contender("shoal", 200_000, (scope) => startShoal(scope, 1));
  const contests: Contest[] = [];
  const hasOpentracker = await isInstalled("opentracker");
  contests.push({
    title: "UDP announces, against opentracker",
    ours: shoal,
    other: hasOpentracker ? contender("opentracker", 200_000, startOpen) : null,
  });
  const rival = findModule("bittorrent-tracker", "./server");
  if (rival !== null) {
    contests.push({
      title: "UDP announces, against bittorrent-tracker",
      ours: shoal,
      other: contender("bittorrent-tracker", 40_000, (scope) => startRival(scope, rival)),
    });
  }
  contests.push({
    title: "UDP announces, two workers, against opentracker",
    ours: contender("shoal, two workers", 200_000, (scope) => startShoal(scope, 2)),
    other: hasOpentracker ? contender("opentracker", 200_000, startOpen) : null,
  });
  return contests;
}

function contender(name: string, count: number, start: StartTracker): Contender {
  return { name, run: () => measure(count, start) };
}

async function measure(count: number, start: StartTracker): Promise<Figures> {
  const scope = new Scope();
  try {
    const infoHashes = Array.from({ length: TORRENTS }, () => new Uint8Array(randomBytes(20)));
    const { pid, port } = await start(scope, infoHashes);
    const load = {
      host: "127.0.0.1",
      port,
      infoHashes,
      peersPerTorrent: PEERS_PER_TORRENT,
      inFlight: IN_FLIGHT,
    };
    await runAnnounceLoad({ ...load, count: WARM_UP });
    const meter = new ProcessMeter(pid);
    const seconds = await runAnnounceLoad({ ...load, count });
    const { cpuS, peakMemoryMiB } = meter.stop();
    return { announces: count / seconds, announcesOfCpu: count / cpuS, memory: peakMemoryMiB };
  } finally {
    await scope.close();
  }
}

async function startShoal(scope: Scope, workers: number): Promise<Served> {
  const args = ["tracker", "--host", "127.0.0.1", "--port", "0", "--events", "ndjson"];
  if (workers > 1) args.push("--workers", String(workers));
  const child = new JsonChild(BIN, args, { scope });
  const { udp } = await child.waitForEvent("listening");
  return { pid: child.pid, port: Number(new URL(udp as string).port) };
}

async function startRival(scope: Scope, module: string): Promise<Served> {
  const child = new JsonChild(process.execPath, [RIVAL, module], { scope });
  const { port } = await child.waitForEvent("listening");
  return { pid: child.pid, port: port as number };
}

async function startOpen(scope: Scope, infoHashes: readonly Uint8Array[]): Promise<Served> {
  const hex = infoHashes.map((hash) => Buffer.from(hash).toString("hex"));
  const { udp, pid } = await startOpentracker({ scope, infoHashes: hex });
  return { pid, port: Number(new URL(udp).port) };
}
