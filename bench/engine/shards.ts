import { link, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { workerOf } from "@shoal/engine";
import { infoHashHex, parseMetainfo } from "@shoal/protocol";
import { JsonChild } from "../clients/json-child.ts";
import { Scope } from "../clients/scope.ts";
import type { ShardsJob } from "../clients/shoal-shards.ts";
import { LAUNCHER_ENV } from "../clients/shoal.ts";
import { startPeer } from "../clients/start-peer.ts";
import type { Contender, Contest, Figures } from "../contest.ts";
import { ProcessMeter } from "../process-meter.ts";
import { type Content, type ContentShelf, FAST_FOLDER } from "./content.ts";
import type { EngineBench } from "./engine-bench.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TIMEOUT_MS = 300_000;
const CHILD = join(import.meta.dirname, "../clients/shoal-shards.ts");
const NAME = "content.bin";

/** Two downloads at once in one process, each from a seeder of its own: two workers against one, both ours. */
export function listShardContests({ shelf, sizeBytes }: EngineBench): Contest[] {
  const contender = (workers: number): Contender => ({
    name: `shoal, ${workers} ${workers === 1 ? "worker" : "workers"}`,
    run: () => measure(shelf, sizeBytes, workers),
  });
  return [{ title: "two downloads at once", ours: contender(2), other: contender(1) }];
}

async function measure(
  shelf: ContentShelf,
  lengthBytes: number,
  workers: number,
): Promise<Figures> {
  const content = await shelf.take(lengthBytes);
  const scope = new Scope();
  try {
    const downloads: { source: string; dir: string }[] = [];
    const peers: [string, number][] = [];
    for (const worker of [0, 1]) {
      const { source, dir } = await renameFor(worker, content, scope);
      const job = { source, dir, encryption: "off", utp: "off" } as const;
      const { endpoint } = await startPeer("shoal", job, { scope, seed: true });
      peers.push([endpoint.address, endpoint.port]);
      downloads.push({ source, dir: await scope.folder(FAST_FOLDER) });
    }
    const job = JSON.stringify({ workers, downloads } satisfies ShardsJob);
    const child = new JsonChild(process.execPath, [CHILD, job], { scope, env: LAUNCHER_ENV });
    await child.waitForEvent("ready", { timeoutMs: TIMEOUT_MS });
    const meter = new ProcessMeter(child.pid);
    child.send(JSON.stringify({ peers }));
    const { ms: endMs } = await child.waitForEvent("complete", { timeoutMs: TIMEOUT_MS });
    const { ms: startMs } = await child.waitForEvent("connecting");
    const { cpuS, peakMemoryMiB } = meter.stop();
    return {
      rate: (2 * lengthBytes) / MIB / (((endMs as number) - (startMs as number)) / 1000),
      ownCpu: cpuS / ((2 * lengthBytes) / GIB),
      leecherMemory: peakMemoryMiB,
    };
  } finally {
    await scope.close();
  }
}

/** The content under another name, and so under an infohash that falls to this worker of two. */
async function renameFor(
  worker: number,
  content: Content,
  scope: Scope,
): Promise<{ source: string; dir: string }> {
  const torrent = await readFile(await content.torrent("v1"), "latin1");
  for (let number = 0; ; number++) {
    const name = `copy-${String(number).padStart(NAME.length - 5, "0")}`;
    const renamed = Buffer.from(
      torrent.replace(`${NAME.length}:${NAME}`, `${NAME.length}:${name}`),
      "latin1",
    );
    if (workerOf(infoHashHex(parseMetainfo(renamed).v1!.infoHash), 2) !== worker) continue;
    const dir = await scope.folder(FAST_FOLDER);
    const source = join(dir, "renamed.torrent");
    await writeFile(source, renamed);
    await link(content.path, join(dir, name));
    return { source, dir };
  }
}
