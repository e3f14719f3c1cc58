import assert from "node:assert/strict";
import { outcome } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

/** The seeder goes when this part of the torrent has left it: the rest has to be in the crowd. */
const LEAVES_AT = 1.01;

export const seederLeaves: Scenario = {
  name: "seeder-leaves",
  promise:
    "with one superfluous hundredth uploaded the only seeder may leave a crowd that has every piece",
  peers: { full: 300, small: 20 },
  async play(crowd, peers) {
    const { world } = crowd;
    const { seeder, members } = await crowd.begin(peers);
    const pieces = crowd.sample.metainfo.pieceCount;
    const copies = () => seeder.torrent.status().uploadedBytes / crowd.lengthBytes;
    const isReady = () => copies() >= LEAVES_AT && crowd.spread.size === pieces;
    await world.run({ until: isReady, limitMs: world.timeMs + 600_000 });
    const leftS = (world.timeMs - crowd.startedMs) / 1000;
    const seederCopies = copies();
    await world.complete(seeder.session.close());
    await world.complete(seeder.host.close());
    await crowd.complete(members, 600);
    const figures = outcome(crowd, members);
    assert.ok(
      seederCopies < 2,
      `${seederCopies} copies left the seeder before every piece was out`,
    );
    assert.ok(figures.waste < 0.1, `${figures.waste} of the payload came in vain`);
    return { leftS, seederCopies, ...figures };
  },
};
