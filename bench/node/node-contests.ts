import type { BenchOptions } from "../bench-options.ts";
import type { Scope } from "../clients/scope.ts";
import type { Contest } from "../contest.ts";
import { BusyDaemon } from "./busy-daemon.ts";

/** What the daemon's interface costs, beside ten thousand torrents. */
export async function listNodeContests(
  _options: BenchOptions,
  scope: Scope,
): Promise<readonly Contest[]> {
  const daemon = new BusyDaemon(scope);
  return [
    {
      title: "a download beside 10,000 torrents, asked all the time against left alone",
      ours: { name: "asked", run: () => daemon.download(true) },
      other: { name: "left alone", run: () => daemon.download(false) },
      maxRounds: 3,
    },
    {
      title: "10,000 torrents at rest, 20 listeners to events against none",
      ours: { name: "20 listeners", run: () => daemon.listen(BusyDaemon.listeners) },
      other: { name: "none", run: () => daemon.listen(0) },
      maxRounds: 2,
    },
  ];
}
