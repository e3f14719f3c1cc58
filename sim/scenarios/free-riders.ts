import type { UploadPolicy } from "../../packages/engine/src/choker/upload-policy.ts";
import { completionTimesS, Crowd, quantile } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

const FREE_RIDERS = 0.3;
/** Takes what it is given, and unchokes nobody. */
const nobody: UploadPolicy = { chooseUnchoked: () => [] };

export const freeRiders: Scenario = {
  name: "free-riders",
  promise:
    "a crowd in which three in ten give nothing completes; how much later they do is a figure",
  peers: { full: 300, small: 20 },
  world: { quantumMs: 330 },
  async play(world, peers) {
    const crowd = await Crowd.open(world, {
      pieces: 48,
      pieceLengthKib: 64,
      line: { upBytesPerSecond: 25_000, downBytesPerSecond: 100_000, poolBytes: 1024 * 1024 },
    });
    await crowd.seeder({ host: { upBytesPerSecond: 125_000 } });
    const isRider = (index: number) => index < peers * FREE_RIDERS;
    const members = await crowd.join(peers, (index) =>
      isRider(index) ? { session: { uploadPolicy: nobody } } : {},
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
    await crowd.close();
    const penalty = riderMedianS / giverMedianS;
    return { giverMedianS, giversDoneS, riderShareThen, riderMedianS, penalty };
  },
};
