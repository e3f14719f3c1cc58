import type { BenchOptions } from "../bench-options.ts";
import type { Scope } from "../clients/scope.ts";
import type { Contest } from "../contest.ts";
import { ContentShelf } from "../engine/content.ts";
import { transferContender } from "../engine/transfer.ts";

/** What paying costs: the same download, paid and unpaid in turn. */
export async function listSpeedContests(
  { sizeBytes }: BenchOptions,
  scope: Scope,
): Promise<readonly Contest[]> {
  const pair = {
    shelf: new ContentShelf(scope),
    lengthBytes: sizeBytes,
    seeder: "shoal",
    leecher: "shoal",
  } as const;
  return [
    {
      title: "paid against unpaid, one uploader",
      ours: { ...transferContender({ ...pair, isPaid: true }), name: "paid" },
      other: { ...transferContender(pair), name: "unpaid" },
    },
  ];
}
