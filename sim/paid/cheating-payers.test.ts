import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { SimWorld } from "@shoal/runtime/sim";
import { withWorld } from "@shoal/runtime/sim";
import { createTitForTatPolicy } from "@shoal/engine";
import { toAddress } from "@shoal/chain";
import { dialScripted } from "../../packages/engine/src/simulation/scripted-peer.ts";
import {
  endpointOf,
  sampleTorrent,
  startNode,
} from "../../packages/engine/src/simulation/swarm-world.ts";
import { toBytes20 } from "../../packages/speed/src/channel/pay-address.ts";
import { SessionSigner } from "../../packages/speed/src/channel/pay-crypto.ts";
import { PayDigests } from "../../packages/speed/src/channel/pay-digests.ts";
import type { ChannelKey } from "../../packages/speed/src/channel/channel-key.ts";
import type { SellingTerms } from "../../packages/speed/src/selling/selling-terms.ts";
import type { Bid } from "../../packages/speed/src/wire/pay-message.ts";
import { CONTRACT, keyOf, PaidWorld, tradeOptions, WEI_PER_BTT } from "./paid-world.ts";
import { type PaySpeaker, withPay } from "./pay-speaker.ts";

const BLOCK = 16 * 1024;
const PIECE = 256 * 1024;
/** A block costs 2^20 wei. */
const PRICE = 2n ** 26n;
const BLOCK_WEI = 2n ** 20n;
const CAPACITY = WEI_PER_BTT;

/** An honest seed that sells, and a payer whose every message is ours. */
class Scene {
  readonly world: SimWorld;
  readonly paid: PaidWorld;
  readonly sample = sampleTorrent({
    version: "v1",
    pieceLengthBytes: PIECE,
    fileLengths: [16 * 1024 * 1024],
  });
  readonly payer = keyOf(2).address;
  readonly signer = keyOf(3);
  node!: Awaited<ReturnType<typeof startNode>>;
  selling!: Awaited<ReturnType<PaidWorld["seller"]>>;
  #hosts = 0;

  constructor(world: SimWorld) {
    this.world = world;
    this.paid = new PaidWorld(world);
    this.paid.chain.free.set(this.payer, 100n * WEI_PER_BTT);
  }

  async start(
    terms: Partial<SellingTerms> = {},
    host: { storeSyncMs?: number } = {},
  ): Promise<this> {
    const seller = this.world.host({ address: "10.0.0.1", ...host });
    this.selling = await this.paid.seller(seller, 1, terms);
    const free = createTitForTatPolicy({ random: seller.random });
    this.node = await startNode(this.world, {
      host: seller,
      sample: this.sample,
      seed: true,
      session: tradeOptions(seller, { seller: this.selling.seller, free }),
    });
    return this;
  }

  key(salt = 1n): ChannelKey {
    const { payer, signer } = this;
    const payee = this.selling.address;
    return { payer, payee, signer: signer.address, challengeSeconds: 7200, salt };
  }

  open(salt = 1n, capacity = CAPACITY) {
    return this.paid.chain.open(this.key(salt), capacity);
  }

  signing(digests = this.paid.digests, by = this.signer): SessionSigner {
    return new SessionSigner(digests, by.address, by.key);
  }

  /** A connection that has heard the offer. */
  async connect(): Promise<PaySpeaker> {
    const host = this.world.host({ address: `10.1.0.${++this.#hosts}` });
    const infoHash = this.sample.metainfo.v1!.infoHash;
    const { script, speakers } = withPay(host, { infoHash });
    await this.world.complete(dialScripted(host, endpointOf(this.node), script));
    await this.until(() => (speakers[0]?.heardOf("offer").length ?? 0) > 0);
    return speakers[0]!;
  }

  bid(speaker: PaySpeaker, init: { price?: bigint; salt?: bigint; by?: SessionSigner } = {}): Bid {
    const { price = PRICE, salt = 1n, by = this.signing() } = init;
    const key = this.key(salt);
    const id = this.paid.digests.channelId(key);
    return {
      type: "bid",
      price,
      payer: toBytes20(key.payer),
      signer: toBytes20(key.signer),
      challengeSeconds: key.challengeSeconds,
      salt,
      ...by.signBid(speaker.asPayer, id, price),
    };
  }

  /** A connection whose bid was accepted, and that was unchoked. */
  async trade(salt = 1n): Promise<PaySpeaker> {
    const speaker = await this.connect();
    speaker.say(this.bid(speaker, { salt }));
    await this.until(() => speaker.heardOf("accept").length > 0);
    speaker.ask(0, 0, PIECE);
    await this.until(() => speaker.peer.heardOf("unchoke").length > 0);
    return speaker;
  }

  voucher(total: bigint, by = this.signing(), salt = 1n) {
    const id = by === undefined ? null : this.paid.digests.channelId(this.key(salt));
    return { type: "voucher", total, ...by.signVoucher(id!, total) } as const;
  }

  async until(holds: () => boolean): Promise<void> {
    if (!holds()) await this.world.run({ until: holds, limitMs: this.world.timeMs + 60_000 });
  }
  async pass(ms: number): Promise<void> {
    await this.world.run({ untilMs: this.world.timeMs + ms });
  }

  get claim() {
    return this.selling.claims.all()[0];
  }

  async close(): Promise<void> {
    await this.world.complete(this.node.session.close());
    this.selling.seller.close();
  }
}

function inScene(
  play: (scene: Scene) => Promise<void>,
  terms: Partial<SellingTerms> = {},
  host: { storeSyncMs?: number } = {},
): () => Promise<void> {
  return () =>
    withWorld({ seed: 1 }, async (world) => {
      const scene = await new Scene(world).start(terms, host);
      await play(scene);
      await scene.close();
    });
}

suite("payers that cheat", () => {
  const foreign = {
    "another chain": new PayDigests({ chainId: 1, contract: CONTRACT }),
    "another contract": new PayDigests({
      chainId: 1337,
      contract: toAddress("0x00000000000000000000000000000000000000c1"),
    }),
  };
  for (const [what, digests] of Object.entries(foreign)) {
    test(
      `a voucher of ${what} is worth nothing, and ends the connection`,
      inScene(async (scene) => {
        scene.open();
        const speaker = await scene.trade();
        speaker.say(scene.voucher(BLOCK_WEI, scene.signing(digests)));
        await scene.until(() => speaker.peer.isClosed);
        assert.equal(scene.claim?.total ?? 0n, 0n);
      }),
    );
  }

  test(
    "a voucher of another channel, or of another signer, ends the connection",
    inScene(async (scene) => {
      scene.open(1n);
      scene.open(2n);
      const one = await scene.trade();
      one.say(scene.voucher(BLOCK_WEI, scene.signing(), 2n));
      await scene.until(() => one.peer.isClosed);
      const two = await scene.trade();
      two.say(scene.voucher(BLOCK_WEI, scene.signing(scene.paid.digests, keyOf(9))));
      await scene.until(() => two.peer.isClosed);
      assert.equal(scene.claim?.total ?? 0n, 0n);
    }),
  );

  test(
    "a replayed voucher buys nothing, a smaller or too large one ends the trade, and the claim stays",
    inScene(async (scene) => {
      scene.open();
      const speaker = await scene.trade();
      speaker.ask(0, 40, PIECE);
      await scene.until(() => speaker.peer.blocks.length === 1);
      const first = scene.voucher(BLOCK_WEI);
      speaker.say(first);
      await scene.until(() => speaker.peer.blocks.length === 3);
      for (let i = 0; i < 5; i++) speaker.say(first);
      await scene.pass(3000);
      assert.equal(speaker.peer.blocks.length, 3);
      speaker.say(scene.voucher(BLOCK_WEI - 1n));
      await scene.until(() => speaker.heardOf("reject").at(-1)?.reason === "voucher");
      assert.equal(scene.claim?.total, BLOCK_WEI);
      const again = await scene.trade();
      again.say(scene.voucher(CAPACITY + 1n));
      await scene.until(() => again.heardOf("reject").at(-1)?.reason === "voucher");
      assert.equal(scene.claim?.total, BLOCK_WEI);
    }),
  );

  test(
    "a bid by somebody who is not the channel's signer, and one from another connection, end the connection",
    inScene(async (scene) => {
      scene.open();
      const thief = await scene.connect();
      thief.say(scene.bid(thief, { by: scene.signing(scene.paid.digests, keyOf(9)) }));
      await scene.until(() => thief.peer.isClosed);
      const owner = await scene.trade();
      const relay = await scene.connect();
      relay.say(scene.bid(owner));
      await scene.until(() => relay.peer.isClosed);
      assert.equal(owner.peer.isClosed, false);
      assert.equal(scene.selling.seller.inUse.size, 1);
    }),
  );

  test(
    "one channel serves one connection: a bid on a second one takes it over, and the first is told",
    inScene(async (scene) => {
      const id = scene.open();
      const one = await scene.trade();
      one.ask(0, 4, PIECE);
      await scene.until(() => one.peer.blocks.length === 1);
      const two = await scene.trade();
      assert.equal(one.heardOf("reject").length, 1);
      assert.equal(two.heardOf("accept")[0]!.debt, BLOCK_WEI);
      assert.equal(scene.selling.seller.inUse.size, 1);
      assert.ok(scene.selling.seller.inUse.has(id));
    }),
  );

  test(
    "no more is served than the channel holds",
    inScene(async (scene) => {
      scene.open(1n, 3n * BLOCK_WEI + BLOCK_WEI / 2n);
      const speaker = await scene.trade();
      let paidBlocks = 0;
      speaker.ask(0, 40, PIECE);
      for (let i = 0; i < 20; i++) {
        await scene.pass(200);
        const blocks = Math.min(3, speaker.peer.blocks.length);
        if (blocks > paidBlocks) speaker.say(scene.voucher(BLOCK_WEI * BigInt(blocks)));
        paidBlocks = blocks;
        assert.ok(speaker.heardOf("reject").length > 0 || speaker.peer.blocks.length <= 3);
      }
      assert.equal(speaker.heardOf("reject").at(-1)?.reason, "exhausted");
      assert.equal(scene.claim?.total, 3n * BLOCK_WEI);
      assert.equal(scene.claim?.debt, 0n);
    }),
  );

  test(
    "a channel that does not exist, is being closed, closes too soon or is empty is refused",
    inScene(
      async (scene) => {
        const reasonFor = async (salt: bigint, price = PRICE) => {
          const speaker = await scene.connect();
          speaker.say(scene.bid(speaker, { salt, price }));
          await scene.until(() => speaker.heardOf("reject").length > 0);
          return speaker.heardOf("reject")[0]!.reason;
        };
        assert.equal(await reasonFor(1n), "no-channel");
        const id = scene.open(2n);
        const { key, state } = scene.paid.chain.channels.get(id)!;
        scene.paid.chain.channels.set(id, { key, state: { ...state, closableAt: 5 } });
        assert.equal(await reasonFor(2n), "closing");
        scene.open(3n, BLOCK_WEI - 1n);
        assert.equal(await reasonFor(3n), "exhausted");
        scene.open(4n);
        assert.equal(await reasonFor(4n, 1n), "price");
        scene.paid.chain.isDown = true;
        assert.equal(await reasonFor(4n), "chain");
      },
      { minChannelWei: 0n },
    ),
  );

  test(
    "limit: debts that a payer does not own to",
    inScene(async (scene) => {
      scene.open();
      let taken = 0;
      let reason: string | undefined;
      for (let round = 0; round < 100 && reason === undefined; round++) {
        const speaker = await scene.connect();
        speaker.say(scene.bid(speaker));
        await scene.until(() => speaker.heard.length > 1);
        reason = speaker.heardOf("reject")[0]?.reason;
        if (reason !== undefined) break;
        // It owns to nothing of what it took before.
        if (speaker.heardOf("accept")[0]!.debt > 0n) speaker.say(scene.voucher(0n));
        speaker.ask(round * 2, 2, PIECE);
        await scene.until(() => speaker.peer.blocks.length > 0);
        taken += speaker.peer.blocks.length;
        speaker.peer.socket.destroy();
        await scene.pass(100);
      }
      assert.equal(reason, "debt");
      assert.ok(taken <= 65, `${taken} blocks`);
    }),
  );

  test(
    "who does not pay for 15 seconds loses its bid",
    inScene(async (scene) => {
      scene.open();
      const speaker = await scene.trade();
      speaker.ask(0, 8, PIECE);
      await scene.until(() => speaker.heardOf("reject").length > 0);
      assert.equal(speaker.heardOf("reject")[0]!.reason, "debt");
      assert.equal(scene.claim?.debt, BLOCK_WEI);
    }),
  );

  test(
    "a bid that was taken back while it was looked into is not accepted",
    inScene(async (scene) => {
      scene.open();
      const speaker = await scene.connect();
      let answer = (): void => undefined;
      const { chain } = scene.paid;
      const read = chain.read.bind(chain);
      chain.read = async (id) => {
        await new Promise<void>((resolve) => (answer = resolve));
        return await read(id);
      };
      speaker.say(scene.bid(speaker));
      await scene.pass(1000);
      speaker.say({ ...scene.bid(speaker), price: 0n });
      await scene.pass(1000);
      answer();
      await scene.pass(1000);
      assert.equal(speaker.heardOf("accept").length, 0);
      assert.equal(scene.selling.seller.inUse.size, 0);
    }),
  );

  test(
    "limit: signed messages in a second",
    inScene(async (scene) => {
      scene.open();
      const speaker = await scene.trade();
      const voucher = scene.voucher(0n);
      for (let i = 0; i < 3000; i++) speaker.say(voucher);
      await scene.until(() => speaker.peer.isClosed);
      const other = await scene.connect();
      for (let i = 0; i < 3000; i++) other.say(scene.bid(other, { price: PRICE + BigInt(i & 1) }));
      await scene.until(() => other.peer.isClosed);
    }),
  );

  test(
    "credit runs ahead of the disk by no more than the window",
    inScene(
      async (scene) => {
        scene.open();
        const speaker = await scene.trade();
        speaker.ask(0, 200, PIECE);
        let worst = 0n;
        const id = scene.paid.digests.channelId(scene.key());
        for (let i = 0; i < 200; i++) {
          await scene.pass(50);
          const total = BigInt(speaker.peer.blocks.length) * BLOCK_WEI;
          if (total > 0n) speaker.say(scene.voucher(total));
          const lost = total - scene.selling.claims.durableTotal(id);
          const account = scene.selling.seller.inUse.get(id)?.account;
          const window = BigInt((account?.windowBytes ?? BLOCK) / BLOCK) * BLOCK_WEI;
          assert.ok(lost <= window, `${lost} wei of ${window} would be lost`);
          if (lost > worst) worst = lost;
        }
        assert.ok(worst > 0n && speaker.peer.blocks.length > 20);
      },
      {},
      { storeSyncMs: 700 },
    ),
  );

  test(
    "after the payee consented to a channel's end, nothing more is served on it",
    inScene(async (scene) => {
      const id = scene.open();
      const speaker = await scene.trade();
      speaker.ask(0, 4, PIECE);
      await scene.until(() => speaker.peer.blocks.length === 1);
      speaker.say(scene.voucher(BLOCK_WEI));
      await scene.until(() => speaker.heardOf("ack").at(-1)?.total === BLOCK_WEI);
      await scene.world.complete(scene.selling.seller.inUse.get(id)!.consentToClose());
      await scene.until(() => speaker.heardOf("close").length > 0);
      assert.equal(speaker.heardOf("close")[0]!.total, BLOCK_WEI);
      speaker.say(scene.bid(speaker));
      await scene.until(() => speaker.heardOf("reject").length > 0);
      assert.equal(speaker.heardOf("reject")[0]!.reason, "closing");
    }),
  );
});
