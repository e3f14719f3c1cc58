import assert from "node:assert/strict";
import type { UploadPolicy } from "@shoal/engine";
import { endpointOf } from "../../packages/engine/src/simulation/swarm-world.ts";
import { createFixedBidding } from "../../packages/speed/src/buying/bidding.ts";
import { completionTimesS, type Member, quantile } from "../crowd.ts";
import { PaidWorld, tradeOptions, WEI_PER_BTT } from "../paid/paid-world.ts";
import type { Scenario } from "../scenario.ts";

const PRICE = WEI_PER_BTT / 1000n;
const PIECES = 24;
const PIECE_KIB = 32;
/** The seller's rate for each of them: slow enough that all trade at once. */
const EACH_BYTES_PER_SECOND = 4000;
/** Who pays alone has what is to be had. */
const nobody: UploadPolicy = { chooseUnchoked: () => [] };

export const paidCrowd: Scenario = {
  name: "paid-crowd",
  promise: "one seller is paid by all its peers at once, and what they signed is what it claims",
  peers: { full: 1000, small: 20 },
  crowd: {
    pieces: PIECES,
    pieceLengthKib: PIECE_KIB,
    line: { upBytesPerSecond: 25_000, downBytesPerSecond: 100_000, poolBytes: 1024 * 1024 },
  },
  async play(crowd, peers) {
    const { world } = crowd;
    const paid = new PaidWorld(world);
    let selling: Awaited<ReturnType<PaidWorld["seller"]>> | undefined;
    const seeder = await crowd.seeder({
      host: { upBytesPerSecond: 100_000_000, poolBytes: 64 * 1024 * 1024 },
      async sessionOn(host) {
        selling = await paid.openSeller(host, 1, { minPrice: PRICE, paidSlots: peers });
        return {
          ...tradeOptions(host, { seller: selling.seller, free: nobody }),
          uploadSlots: peers + 1,
          uploadLimit: peers * EACH_BYTES_PER_SECOND,
          maxPeers: peers + 10,
          maxPeersPerTorrent: peers + 10,
        };
      },
    });
    const { seller, claims } = selling!;
    const buyers: ReturnType<PaidWorld["buyer"]>[] = [];
    const members: Member[] = [];
    const joined = await crowd.join(peers, (index) => ({
      // They know of the seller alone: a thousand that know each other would be another test.
      session: { peerExchange: false },
      torrent: { peers: [endpointOf(seeder)], trackers: [] },
      sessionOn(host) {
        const buying = paid.buyer(host, 1000 + index, {
          deposit: WEI_PER_BTT,
          bidding: createFixedBidding(PRICE),
          missingBytes: () =>
            crowd.lengthBytes - (members[index]?.torrent.status().verifiedBytes ?? 0),
        });
        buyers.push(buying);
        return tradeOptions(host, { buyer: buying.buyer, free: nobody });
      },
    }));
    members.push(...joined);
    let mostAtOnce = 0;
    while (members.some(({ completedMs }) => completedMs === null)) {
      await crowd.pass(1);
      mostAtOnce = Math.max(mostAtOnce, seller.inUse.size);
      assert.ok(world.timeMs < 3_600_000, "not all are complete after an hour");
    }
    for (const { buyer } of buyers) await world.complete(buyer.settle());
    await world.complete(claims.flush());
    const all = claims.all();
    const earned = all.reduce((sum, { total }) => sum + total, 0n);
    const spent = buyers.reduce((sum, { buyer }) => sum + buyer.spent, 0n);
    seller.close();
    for (const { buyer } of buyers) buyer.close();
    assert.equal(earned, spent);
    assert.equal(all.length, peers);
    assert.equal(mostAtOnce, peers);
    const times = completionTimesS(members);
    return {
      mostAtOnce,
      claims: all.length,
      earnedBtt: Number(earned) / Number(WEI_PER_BTT),
      medianS: quantile(times, 0.5),
      lastS: times.at(-1)!,
    };
  },
};
