import type { BenchOptions } from "../bench-options.ts";
import type { Scope } from "../clients/scope.ts";
import type { Contest } from "../contest.ts";
import { leecherContender } from "../engine/crowds.ts";
import { ContentShelf } from "../engine/content.ts";
import { transferContender } from "../engine/transfer.ts";

/** What paying costs: the same download, paid and unpaid in turn. */
export async function listSpeedContests(
  { sizeBytes }: BenchOptions,
  scope: Scope,
): Promise<readonly Contest[]> {
  const shelf = new ContentShelf(scope);
  const pair = {
    shelf,
    lengthBytes: sizeBytes,
    seeder: "shoal",
    leecher: "shoal",
  } as const;
  const crowd = { lengthBytes: sizeBytes };
  return [
    {
      title: "paid against unpaid, one uploader",
      ours: { ...transferContender({ ...pair, isPaid: true }), name: "paid" },
      other: { ...transferContender(pair), name: "unpaid" },
    },
    {
      title: "paid against unpaid, 50 uploaders",
      ours: { ...leecherContender({ shelf }, "shoal", { ...crowd, isPaid: true }), name: "paid" },
      other: { ...leecherContender({ shelf }, "shoal", crowd), name: "unpaid" },
    },
  ];
}
