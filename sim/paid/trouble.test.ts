import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createTitForTatPolicy } from "@shoal/engine";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import {
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  startNode,
} from "../../packages/engine/src/simulation/swarm-world.ts";
import { createFixedBidding } from "../../packages/speed/src/buying/bidding.ts";
import type { Buyer, BuyerEvents } from "../../packages/speed/src/buying/buyer.ts";
import { MemoryPurse } from "../../packages/speed/src/buying/memory-purse.ts";
import type { ClaimStore } from "../../packages/speed/src/selling/claim-store.ts";
import type { Seller } from "../../packages/speed/src/selling/seller.ts";
import { PaidWorld, tradeOptions, WEI_PER_BTT } from "./paid-world.ts";

const MIB = 1024 * 1024;
const BLOCK = 16 * 1024;
const PRICE = 2n ** 26n;
const LINE = 500_000;

/** A seller and a buyer, both honest, in a world that is not. */
class Pair {
  readonly world: SimWorld;
  readonly paid: PaidWorld;
  readonly sample = sampleTorrent({
    version: "v1",
    pieceLengthBytes: 128 * 1024,
    fileLengths: [6 * MIB],
  });
  readonly sellerHost: SimHost;
  readonly buyerHost: SimHost;
  seed!: Node;
  seller!: Seller;
  claims!: ClaimStore;
  leecher!: Node;
  buyer!: Buyer;
  purse = new MemoryPurse();
  /** Of all buyers, in wei. */
  spent = 0n;
  /** The largest that any account had, in bytes. */
  windowBytes = BLOCK;

  constructor(world: SimWorld, upBytesPerSecond = LINE) {
    this.world = world;
    this.paid = new PaidWorld(world);
    this.sellerHost = world.host({ address: "10.0.0.1", upBytesPerSecond });
    this.buyerHost = world.host({ address: "10.0.0.2" });
  }

  async startSeller(host = this.sellerHost): Promise<void> {
    const { seller, claims } = await this.paid.seller(host, 1);
    this.seller = seller;
    this.claims = claims;
    const free = createTitForTatPolicy({ random: host.random });
    this.seed = await startNode(this.world, {
      host,
      sample: this.sample,
      seed: true,
      session: tradeOptions(host, { seller, free }),
    });
  }

  async startBuyer(host = this.buyerHost, on: BuyerEvents = {}): Promise<void> {
    this.purse = new MemoryPurse();
    const { buyer } = this.paid.buyer(host, 2, {
      deposit: this.spent === 0n ? WEI_PER_BTT : 0n,
      budget: WEI_PER_BTT,
      bidding: createFixedBidding(PRICE),
      missingBytes: () => this.missingBytes,
      purse: this.purse,
      on: {
        ...on,
        paid: (peer, wei) => {
          this.spent += wei;
          this.windowBytes = Math.max(this.windowBytes, peer.account?.windowBytes ?? 0);
        },
      },
    });
    this.buyer = buyer;
    this.leecher = await startNode(this.world, {
      host,
      sample: this.sample,
      session: tradeOptions(host, {
        buyer,
        free: createTitForTatPolicy({ random: host.random }),
      }),
      torrent: { peers: [endpointOf(this.seed)] },
    });
  }

  get missingBytes(): number {
    if (this.leecher === undefined) return this.sample.metainfo.lengthBytes;
    return this.sample.metainfo.lengthBytes - this.leecher.torrent.status().verifiedBytes;
  }
  /** Wei that a window's bytes cost, and a block's more: what a crash may lose. */
  get windowWei(): bigint {
    return (BigInt(this.windowBytes + BLOCK) * PRICE) >> 20n;
  }

  async complete(): Promise<void> {
    await this.world.complete(this.leecher.torrent.whenComplete());
    assert.ok(holdsContent(this.leecher.host, this.sample));
    await this.world.complete(this.buyer.settle());
    await this.world.complete(this.claims.flush());
  }

  async close(): Promise<void> {
    await this.world.complete(
      Promise.all([this.leecher.session.close(), this.seed.session.close()]),
    );
    this.seller.close();
    this.buyer.close();
  }
}

function inPair(play: (pair: Pair) => Promise<void>, line = LINE): () => Promise<void> {
  return () => withWorld({ seed: 3 }, async (world) => await play(new Pair(world, line)));
}

/** In ms: before the offer, while the channel is funded, at the first windows, and in full trade. */
const MOMENTS = [150, 560, 640, 700, 800, 1500, 3000, 6000, 9000];

suite("honest traders in trouble", () => {
  for (const moment of MOMENTS) {
    test(
      `a payee that is killed after ${moment} ms loses a window at the most`,
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
        assert.ok(total <= pair.spent);
        assert.ok(pair.spent - total <= pair.windowWei, `${pair.spent - total} wei were lost`);
        assert.ok(total > 0n);
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
      const pair = new Pair(world, 20_000);
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
