import type { BenchOptions } from "../bench-options.ts";
import { findModule } from "../clients/npm-module.ts";
import { isInstalled } from "../clients/packages.ts";
import type { Scope } from "../clients/scope.ts";
import type { ClientName } from "../clients/start-peer.ts";
import type { Contest } from "../contest.ts";
import { ContentShelf } from "./content.ts";
import { listCrossings } from "./crossings.ts";
import { listCrowds } from "./crowds.ts";
import type { EngineBench } from "./engine-bench.ts";
import { listFileContests } from "./files.ts";
import { listDuels } from "./duels.ts";
import { listUtpContests } from "./utp.ts";
import { listManyTorrents } from "./many-torrents.ts";
import { listShardContests } from "./shards.ts";
import { listSwarms } from "./swarms.ts";
import { listWebSeedContests } from "./web-seeds.ts";

/** All that is measured of the engine, with whichever clients the machine has. */
export async function listEngineContests(
  options: BenchOptions,
  scope: Scope,
): Promise<readonly Contest[]> {
  const bench: EngineBench = {
    shelf: new ContentShelf(scope),
    sizeBytes: options.sizeBytes,
    rivals: await findRivals(),
  };
  return [
    ...listDuels(bench),
    ...listCrossings(bench),
    ...listUtpContests(bench),
    ...listSwarms(bench),
    ...listCrowds(bench),
    ...listManyTorrents(),
    ...listShardContests(bench),
    ...listFileContests(bench),
    ...listWebSeedContests(bench),
  ];
}

async function findRivals(): Promise<ReadonlySet<ClientName>> {
  const rivals = new Set<ClientName>();
  for (const client of ["libtorrent", "aria2", "transmission"] as const) {
    if (await isInstalled(client)) rivals.add(client);
  }
  if (!(await isInstalled("iproute2")) || process.getuid?.() !== 0) rivals.delete("transmission");
  if (findModule("webtorrent") !== null) rivals.add("webtorrent");
  return rivals;
}
