import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createTitForTatPolicy } from "@shoal/engine";
import { withWorld } from "@shoal/runtime/sim";
import {
  endpointOf,
  holdsContent,
  sampleTorrent,
  startNode,
} from "../../packages/engine/src/simulation/swarm-world.ts";
import { createFixedBidding } from "../../packages/speed/src/buying/bidding.ts";
import { PaidWorld, tradeOptions, WEI_PER_BTT } from "./paid-world.ts";

const MIB = 1024 * 1024;

suite("paid downloads", () => {
  for (const version of ["v1", "v2", "hybrid"] as const) {
    test(`${version}: what was transferred is paid to the wei, and claimed`, () =>
      withWorld({ seed: 1 }, async (world) => {
        const paid = new PaidWorld(world);
        const sample = sampleTorrent({
          version,
          pieceLengthBytes: 256 * 1024,
          fileLengths: [8 * MIB + 12_345],
        });
        const sellerHost = world.host({ address: "10.0.0.1", upBytesPerSecond: MIB });
        const { seller, claims } = await paid.seller(sellerHost, 1);
        const free = createTitForTatPolicy({ random: sellerHost.random });
        const seed = await startNode(world, {
          host: sellerHost,
          sample,
          seed: true,
          session: tradeOptions(sellerHost, { seller, free }),
        });
        const buyerHost = world.host({ address: "10.0.0.2" });
        let missing = sample.metainfo.lengthBytes;
        const price = WEI_PER_BTT / 1000n + 1n;
        const { buyer } = paid.buyer(buyerHost, 2, {
          deposit: WEI_PER_BTT,
          bidding: createFixedBidding(price),
          missingBytes: () => missing,
        });
        const leecher = await startNode(world, {
          host: buyerHost,
          sample,
          session: tradeOptions(buyerHost, {
            buyer,
            free: createTitForTatPolicy({ random: buyerHost.random }),
          }),
          torrent: { peers: [endpointOf(seed)] },
        });
        await world.complete(leecher.torrent.whenComplete());
        missing = 0;
        await world.complete(buyer.settle());
        assert.ok(holdsContent(leecher.host, sample));
        await world.complete(claims.flush());
        const [claim] = claims.all();
        assert.ok(claim !== undefined);
        assert.equal(claim.total, buyer.spent);
        assert.equal(claim.debt, 0n);
        // All but what came before the channel was open.
        const charged = (BigInt(sample.metainfo.lengthBytes) * price) / 2n ** 20n;
        assert.ok(claim.total > (charged * 3n) / 4n && claim.total <= charged, `${claim.total}`);
        await world.complete(Promise.all([leecher.session.close(), seed.session.close()]));
        seller.close();
        buyer.close();
      }));
  }
});
