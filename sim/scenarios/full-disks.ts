import assert from "node:assert/strict";
import { outcome } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

/** One in so many has a disk with room for half of the torrent. */
const ONE_IN = 5;

export const fullDisks: Scenario = {
  name: "full-disks",
  promise:
    "peers whose disks fill stop with that error and keep what is verified; all others complete",
  peers: { full: 200, small: 20 },
  async play(crowd, peers) {
    const { world } = crowd;
    const isSmall = (index: number) => index % ONE_IN === 0;
    const { members } = await crowd.begin(peers, (index) =>
      isSmall(index) ? { host: { diskBytes: crowd.lengthBytes / 2 } } : {},
    );
    const roomy = members.filter((_, index) => !isSmall(index));
    const small = members.filter((_, index) => isSmall(index));
    await crowd.complete(roomy, 1200);
    const hasStopped = () => small.every(({ torrent }) => torrent.state === "error");
    await world.run({ until: hasStopped, limitMs: world.timeMs + 1_200_000 });
    for (const { torrent } of small) {
      const { error, verifiedBytes } = torrent.status();
      assert.equal((error as { code?: string } | null)?.code, "full");
      assert.ok(verifiedBytes <= crowd.lengthBytes / 2);
    }
    const keptPart =
      small.reduce((sum, { torrent }) => sum + torrent.status().verifiedBytes, 0) /
      (small.length * crowd.lengthBytes);
    const { lastS, waste } = outcome(crowd, roomy);
    assert.ok(keptPart > 0.4, `only ${keptPart} was kept`);
    return { lastS, keptPart, waste };
  },
};
