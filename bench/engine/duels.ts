import type { Contest } from "../contest.ts";
import type { EngineBench } from "./engine-bench.ts";
import { type Pair, transferContender } from "./transfer.ts";

/** Ours to ours against libtorrent to libtorrent, one seeder and one leecher. */
export function listDuels({ shelf, sizeBytes, rivals }: EngineBench): Contest[] {
  const base = { shelf, lengthBytes: sizeBytes };
  const duels: { title: string; options: Partial<Pair> }[] = [
    { title: "one to one, v1", options: {} },
    { title: "one to one, hybrid", options: { version: "hybrid" } },
    { title: "one to one, v2", options: { version: "v2" } },
    { title: "one to one, RC4", options: { encryption: "require" } },
  ];
  return duels.map(({ title, options }) => {
    const contender = (client: "shoal" | "libtorrent") =>
      transferContender({ ...base, ...options, seeder: client, leecher: client });
    return {
      title,
      ours: contender("shoal"),
      other: rivals.has("libtorrent") ? contender("libtorrent") : null,
    };
  });
}
