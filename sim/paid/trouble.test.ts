import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import {
  endpointOf,
  sampleTorrent,
  startNode,
} from "../../packages/engine/src/simulation/swarm-world.ts";
import type { RejectReason } from "../../packages/speed/src/wire/pay-message.ts";
import { inPair, Pair, PRICE } from "./pair.ts";

const MIB = 1024 * 1024;

/** In ms: before the offer, while the channel is funded, at the first windows, and in full trade. */
const MOMENTS = [150, 560, 640, 700, 800, 1500, 3000, 6000, 9000];

suite("honest traders in trouble", () => {
  for (const moment of MOMENTS) {
    test(
      `a payee that is killed after ${moment} ms has all that was signed once it is traded with again`,
      inPair(async (pair) => {
        const { world } = pair;
        await pair.startSeller();
        await pair.startBuyer();
        await world.run({ untilMs: world.timeMs + moment });
        pair.sellerHost.crash();
        await world.run({ untilMs: world.timeMs + 1000 });
        await pair.startSeller(world.restart(pair.sellerHost));
        pair.leecher.torrent.addPeers([endpointOf(pair.seed)]);
        await pair.complete();
        const total = pair.claims.all()[0]?.total ?? 0n;
        assert.ok(total > 0n);
        assert.equal(total, pair.spent, "it was given again what it had not written down");
        // What was signed again, for the payee has lost it, is spent once.
        assert.equal(pair.spent, pair.purse.signedTotal(pair.claims.all()[0]!.channel));
        await pair.close();
      }),
    );

    test(
      `a payer that is killed after ${moment} ms, and forgets, goes on from what the payee shows`,
      inPair(async (pair) => {
        const { world } = pair;
        await pair.startSeller();
        await pair.startBuyer();
        await world.run({ untilMs: world.timeMs + moment });
        pair.buyer.close();
        pair.buyerHost.crash();
        await world.run({ untilMs: world.timeMs + 1000 });
        await pair.startBuyer(world.restart(pair.buyerHost));
        await pair.complete();
        const [claim] = pair.claims.all();
        assert.ok(claim !== undefined);
        assert.equal(claim.total, pair.purse.signedTotal(claim.channel));
        // Unless it came back too late to buy anything more.
        const lost = claim.forgiven + claim.debt;
        assert.ok(lost <= pair.windowWei, `${lost} wei were lost`);
        await pair.close();
      }),
    );
  }

  test(
    "a payee that has lost a voucher is given it again as soon as it is traded with",
    inPair(async (pair) => {
      const { world } = pair;
      await pair.startSeller();
      await pair.startBuyer();
      await world.run({ until: () => pair.spent > PRICE, limitMs: 60_000 });
      pair.sellerHost.crash();
      const signed = pair.spent;
      await world.run({ untilMs: world.timeMs + 1000 });
      await pair.startSeller(world.restart(pair.sellerHost));
      assert.ok(pair.claims.all()[0]!.total < signed, "something was lost");
      pair.leecher.torrent.addPeers([endpointOf(pair.seed)]);
      const isTrading = () => pair.buyer.sellers.some(({ account }) => account !== null);
      await world.run({ until: isTrading, limitMs: 60_000 });
      await world.run({ untilMs: world.timeMs + 50 });
      assert.equal(pair.claims.all()[0]!.total, signed);
      await pair.close();
    }),
  );

  test(
    "both ending at once lose no more than what was on its way",
    inPair(async (pair) => {
      const { world } = pair;
      await pair.startSeller();
      await pair.startBuyer();
      await world.run({ untilMs: world.timeMs + 5000 });
      await pair.close();
      await world.complete(pair.claims.flush());
      const [claim] = pair.claims.all();
      assert.ok(claim !== undefined && claim.total > 0n);
      const signed = pair.purse.signedTotal(claim.channel);
      assert.ok(signed >= claim.total && signed - claim.total <= pair.windowWei);
      assert.ok(claim.debt <= pair.windowWei);
    }),
  );

  test("a chain that is down for hours stops no trade on open channels, and no download", () =>
    withWorld({ seed: 3 }, async (world) => {
      const pair = new Pair(world, { upBytesPerSecond: 20_000 });
      await pair.startSeller();
      await pair.startBuyer();
      const isTrading = () => pair.spent > 0n;
      await world.run({ until: isTrading, limitMs: 600_000 });
      pair.paid.chain.isDown = true;
      const before = pair.spent;
      await world.run({ untilMs: world.timeMs + 3 * 3_600_000 });
      const { capacity } = [...pair.paid.chain.channels.values()][0]!.state;
      assert.ok(pair.spent > 100n * before);
      await pair.complete();
      assert.equal(pair.claims.all()[0]!.total, pair.spent);
      assert.ok(pair.spent <= capacity);
      await pair.close();
    }));

  test(
    "clocks that are days apart change nothing",
    inPair(async (pair) => {
      pair.world.jumpClock(pair.sellerHost, 5 * 86_400_000);
      pair.world.jumpClock(pair.buyerHost, -3 * 86_400_000);
      await pair.startSeller();
      await pair.startBuyer();
      await pair.complete();
      assert.equal(pair.claims.all()[0]!.total, pair.spent);
      await pair.close();
    }),
  );

  test(
    "an opening that a reorganisation undoes is made again",
    inPair(async (pair) => {
      let undone = 0;
      const { chain } = pair.paid;
      await pair.startSeller();
      await pair.startBuyer(pair.buyerHost, {
        bid() {
          if (undone++ === 0) for (const id of [...chain.channels.keys()]) chain.undo(id);
        },
      });
      await pair.complete();
      assert.ok(undone > 1);
      assert.equal(chain.channels.size, 1);
      assert.equal(pair.claims.all()[0]!.total, pair.spent);
      assert.ok(pair.spent > 0n);
      await pair.close();
    }),
  );

  test("an opening that is undone while it is traded on is noticed within a minute, and made again", () =>
    withWorld({ seed: 3 }, async (world) => {
      const pair = new Pair(world, { upBytesPerSecond: 50_000 });
      const { chain } = pair.paid;
      await pair.startSeller();
      const why: RejectReason[] = [];
      await pair.startBuyer(pair.buyerHost, { rejected: (_, reason) => why.push(reason) });
      await world.run({ until: () => pair.spent > 0n, limitMs: 60_000 });
      for (const id of [...chain.channels.keys()]) chain.undo(id);
      await world.run({ until: () => why.length > 0, limitMs: world.timeMs + 63_000 });
      assert.deepEqual(why, ["no-channel"]);
      const lost = pair.spent;
      await pair.complete();
      assert.equal(chain.channels.size, 1);
      const onChain = pair.claims.all().filter(({ channel }) => chain.channels.has(channel));
      assert.equal(onChain.length, 1);
      assert.ok(onChain[0]!.total > 0n && onChain[0]!.total <= pair.spent);
      assert.ok(lost < pair.spent);
      await pair.close();
    }));

  test(
    "peers that do not speak bt_pay notice nothing, on either end",
    inPair(async (pair) => {
      const { world, sample } = pair;
      await pair.startSeller();
      const plain = await startNode(world, {
        host: { address: "10.0.0.3" },
        sample,
        torrent: { peers: [endpointOf(pair.seed)] },
      });
      await world.complete(plain.torrent.whenComplete());
      assert.equal(pair.claims.all().length, 0);
      await world.complete(pair.seed.session.close());
      pair.seed = plain;
      await pair.startBuyer();
      await pair.complete();
      assert.equal(pair.spent, 0n);
      await pair.close();
    }),
  );

  test(
    "of two torrents from one payee one is paid, and nobody waits for ever",
    inPair(async (pair) => {
      const { world } = pair;
      const other = sampleTorrent({
        version: "v2",
        pieceLengthBytes: 128 * 1024,
        fileLengths: [3 * MIB],
        seed: 9,
      });
      await pair.startSeller();
      const dir = "/other";
      other.metainfo.files.forEach((file, index) => {
        pair.sellerHost.files.write([dir, ...file.path].join("/"), other.contents[index]!);
      });
      const seed = await pair.seed.session.add(other.bytes, { dir });
      await world.complete(seed.whenComplete());
      await pair.startBuyer();
      const second = await pair.leecher.session.add(other.bytes, {
        dir,
        peers: [endpointOf(pair.seed)],
      });
      await world.complete(
        Promise.all([pair.leecher.torrent.whenComplete(), second.whenComplete()]),
      );
      await pair.complete();
      assert.equal(pair.claims.all().length, 1);
      assert.equal(pair.claims.all()[0]!.total, pair.spent);
      await pair.close();
    }),
  );
});
