import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createTitForTatPolicy } from "@shoal/engine";
import { withWorld } from "@shoal/runtime/sim";
import { createFixedBidding } from "../../packages/speed/src/buying/bidding.ts";
import { Crowd, type Member } from "../crowd.ts";
import { PaidWorld, tradeOptions, WEI_PER_BTT } from "./paid-world.ts";

const PRICE = WEI_PER_BTT / 1000n;
const PEERS = 8;

suite("trade on thin uplinks", () => {
  test("payers whose vouchers lie behind the blocks that they send are not taken for debtors", () =>
    withWorld({ seed: 1, quantumMs: 100 }, async (world) => {
      const line = { upBytesPerSecond: 6000, downBytesPerSecond: 1_000_000 };
      const crowd = await Crowd.open(world, { pieces: 16, pieceLengthKib: 32, line });
      await crowd.seeder({ host: { upBytesPerSecond: 20_000 } });
      const paid = new PaidWorld(world);
      const sides: Awaited<ReturnType<typeof openBoth>>[] = [];
      const members: Member[] = [];
      const refused: string[] = [];
      const openBoth = async (host: Member["host"], index: number) => {
        const { seller } = await paid.openSeller(host, 1 + index, { minPrice: PRICE });
        const { buyer } = paid.buyer(host, 1000 + index, {
          deposit: WEI_PER_BTT,
          bidding: createFixedBidding(PRICE),
          missingBytes: () =>
            crowd.lengthBytes - (members[index]?.torrent.status().verifiedBytes ?? 0),
          on: { rejected: (_peer, reason) => void refused.push(reason) },
        });
        return { seller, buyer };
      };
      const joined = await crowd.join(PEERS, (index) => ({
        async sessionOn(host) {
          const side = await openBoth(host, index);
          sides.push(side);
          return tradeOptions(host, {
            ...side,
            free: createTitForTatPolicy({ random: host.random }),
          });
        },
      }));
      members.push(...joined);
      await crowd.complete(members, 900);
      const spent = sides.reduce((sum, { buyer }) => sum + buyer.spent, 0n);
      for (const { seller, buyer } of sides) {
        seller.close();
        buyer.close();
      }
      assert.ok(spent > 0n);
      assert.deepEqual(refused, []);
      await crowd.close();
    }));
});
