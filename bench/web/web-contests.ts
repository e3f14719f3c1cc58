import type { BenchOptions } from "../bench-options.ts";
import type { Scope } from "../clients/scope.ts";
import type { Contest } from "../contest.ts";
import { CrowdedDaemon } from "./many-rows.ts";

/** What a browser makes of a long list. */
export async function listWebContests(
  _options: BenchOptions,
  scope: Scope,
): Promise<readonly Contest[]> {
  const daemon = new CrowdedDaemon(scope);
  return [
    {
      title: "10,000 torrents in the browser, scrolled while 200 a second change",
      ours: { name: "shoal", run: () => daemon.measure() },
      other: null,
      maxRounds: 3,
    },
  ];
}
