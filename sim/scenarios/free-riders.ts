import assert from "node:assert/strict";
import type { UploadPolicy } from "../../packages/engine/src/choker/upload-policy.ts";
import { completionTimesS, quantile } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

const FREE_RIDERS = 0.3;
/** Who gives nothing takes so many times as long as who gives, although givers that are complete give on. */
const LEAST_PENALTY = 1.3;
/** Takes what it is given, and unchokes nobody. */
const nobody: UploadPolicy = { chooseUnchoked: () => [] };

export const freeRiders: Scenario = {
  name: "free-riders",
  promise:
    "three in ten give nothing: they complete as well, and it takes them 1.3 times as long as the others",
  peers: { full: 300, small: 20 },
  quantumMs: 330,
  crowd: {
    pieces: 64,
    pieceLengthKib: 64,
    line: { upBytesPerSecond: 25_000, downBytesPerSecond: 37_500, poolBytes: 1024 * 1024 },
  },
  async play(crowd, peers) {
    const { world } = crowd;
    // It has the only copy, and twice a peer's line: what is to be had, peers have to have of each other.
    await crowd.seeder({
      host: { upBytesPerSecond: 50_000 },
      torrent: { superSeeding: true },
    });
    const isRider = (index: number) => index < peers * FREE_RIDERS;
    const members = await crowd.join(peers, (index) =>
      isRider(index) ? { session: { uploadPolicy: nobody, uploadLimit: 1 } } : {},
    );
    const givers = members.filter((_, index) => !isRider(index));
    const riders = members.filter((_, index) => isRider(index));
    await crowd.complete(givers, 3600);
    const share = (some: typeof members) =>
      some.reduce((sum, { torrent }) => sum + torrent.status().verifiedBytes, 0) /
      (some.length * crowd.lengthBytes);
    const giversDoneS = (world.timeMs - crowd.startedMs) / 1000;
    const riderShareThen = share(riders);
    await crowd.complete(riders, 7200);
    const giverMedianS = quantile(completionTimesS(givers), 0.5);
    const riderMedianS = quantile(completionTimesS(riders), 0.5);
    const penalty = riderMedianS / giverMedianS;
    assert.ok(penalty >= LEAST_PENALTY, `riders took ${penalty} times as long as givers`);
    return { giverMedianS, giversDoneS, riderShareThen, riderMedianS, penalty };
  },
};
