import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createTitForTatPolicy } from "@shoal/engine";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import {
  listenScripted,
  pieceMessage,
  seedScript,
  spoil,
} from "../../packages/engine/src/simulation/scripted-peer.ts";
import {
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  startNode,
} from "../../packages/engine/src/simulation/swarm-world.ts";
import { createFixedBidding } from "../../packages/speed/src/buying/bidding.ts";
import type { Buyer } from "../../packages/speed/src/buying/buyer.ts";
import { toBytes20 } from "../../packages/speed/src/channel/pay-address.ts";
import { PayeeSigner } from "../../packages/speed/src/channel/pay-crypto.ts";
import { PayDigests } from "../../packages/speed/src/channel/pay-digests.ts";
import type { Accept, PayMessage } from "../../packages/speed/src/wire/pay-message.ts";
import { KeySigner } from "@shoal/chain";
import { CONTRACT, keyOf, PaidWorld, tradeOptions, WEI_PER_BTT } from "./paid-world.ts";
import { type PaySpeaker, withPay } from "./pay-speaker.ts";

const BLOCK = 16 * 1024;
const PIECE = 256 * 1024;
const PRICE = 2n ** 26n;
const BLOCK_WEI = 2n ** 20n;
const NO_SIGNATURE = { r: new Uint8Array(32), vs: new Uint8Array(32) };
const ACCEPT: Accept = {
  type: "accept",
  price: PRICE,
  windowBytes: BLOCK,
  total: 0n,
  debt: 0n,
  ...NO_SIGNATURE,
};

type Answer = (block: Uint8Array, piece: number, begin: number) => Uint8Array | null;

/** An honest payer, and a payee whose every message is ours. */
class Scene {
  readonly world: SimWorld;
  readonly paid: PaidWorld;
  readonly sample = sampleTorrent({
    version: "v1",
    pieceLengthBytes: PIECE,
    fileLengths: [2 * 1024 * 1024],
  });
  readonly payee = keyOf(1);
  readonly host: SimHost;
  buyer!: Buyer;
  node!: Node;
  speakers: PaySpeaker[] = [];
  missing = 1;

  constructor(world: SimWorld) {
    this.world = world;
    this.paid = new PaidWorld(world);
    this.host = world.host({ address: "10.0.0.1", upBytesPerSecond: 300_000 });
  }

  /** @param onHear Answers what the payer says. */
  async start(init: {
    readonly answer?: Answer;
    readonly digests?: PayDigests;
    readonly minPrice?: bigint;
    readonly onHear?: (speaker: PaySpeaker, message: PayMessage) => void;
    /** Whose connection the offer was signed for; the payee's own when absent. */
    readonly offerFor?: (speaker: PaySpeaker) => Uint8Array;
  }): Promise<void> {
    const { world, paid, sample, host } = this;
    const { answer, digests = paid.digests, onHear } = init;
    const script = seedScript(sample, answer === undefined ? {} : { answer });
    const pay = withPay(host, script, onHear);
    this.speakers = pay.speakers;
    await world.complete(
      listenScripted(host, 6881, {
        ...pay.script,
        onMessage: (peer, message) => {
          const speaker = pay.speakers.find((each) => each.peer === peer);
          const hadNonce = (speaker?.theirNonce ?? null) !== null;
          pay.script.onMessage?.(peer, message);
          if (speaker === undefined || hadNonce || speaker.theirNonce === null) return;
          void this.#offer(speaker, digests, init);
        },
      }),
    );
    const buyerHost = world.host({ address: "10.0.0.2" });
    const { buyer } = paid.buyer(buyerHost, 2, {
      deposit: WEI_PER_BTT,
      bidding: createFixedBidding(PRICE),
      missingBytes: () => this.missing * sample.metainfo.lengthBytes,
    });
    this.buyer = buyer;
    this.node = await startNode(world, {
      host: buyerHost,
      sample,
      session: tradeOptions(buyerHost, {
        buyer,
        free: createTitForTatPolicy({ random: buyerHost.random }),
      }),
      torrent: { peers: [{ address: "10.0.0.1", port: 6881 }] },
    });
  }

  async #offer(
    speaker: PaySpeaker,
    digests: PayDigests,
    init: { readonly minPrice?: bigint; readonly offerFor?: (speaker: PaySpeaker) => Uint8Array },
  ): Promise<void> {
    const terms = { minPrice: init.minPrice ?? 1n, minChallengeSeconds: 3600 };
    const payerNonce = init.offerFor?.(speaker) ?? speaker.theirNonce!;
    const at = { ...speaker.asPayee, payerNonce };
    const signer = new PayeeSigner(digests, new KeySigner(this.payee.key));
    speaker.say({
      type: "offer",
      version: 1,
      chainId: digests.chainId,
      contract: toBytes20(digests.contract),
      payee: toBytes20(this.payee.address),
      slots: 4,
      ...terms,
      ...(await signer.signOffer(at, terms)),
    });
  }

  /** An honest seed that sells nothing comes to help. */
  async help(): Promise<void> {
    const { world, sample } = this;
    const seed = await startNode(world, { host: { address: "10.0.0.3" }, sample, seed: true });
    this.node.torrent.addPeers([endpointOf(seed)]);
    await world.complete(this.node.torrent.whenComplete());
    assert.ok(holdsContent(this.node.host, sample));
    await world.complete(seed.session.close());
  }

  heard<Type extends PayMessage["type"]>(type: Type) {
    return this.speakers.flatMap((speaker) => speaker.heardOf(type));
  }
  /** Wei of the newest voucher. */
  get got(): bigint {
    return this.heard("voucher").at(-1)?.total ?? 0n;
  }

  async until(holds: () => boolean): Promise<void> {
    if (!holds()) await this.world.run({ until: holds, limitMs: this.world.timeMs + 120_000 });
  }
  async pass(ms: number): Promise<void> {
    await this.world.run({ untilMs: this.world.timeMs + ms });
  }
  async close(): Promise<void> {
    await this.world.complete(this.node.session.close());
    this.buyer.close();
  }
}

function inScene(play: (scene: Scene) => Promise<void>): () => Promise<void> {
  return () =>
    withWorld({ seed: 1 }, async (world) => {
      const scene = new Scene(world);
      await play(scene);
      await scene.close();
    });
}

/** Takes every bid. */
function accepting(more: Partial<Accept> = {}) {
  return (speaker: PaySpeaker, message: PayMessage): void => {
    if (message.type === "bid" && message.price > 0n) speaker.say({ ...ACCEPT, ...more });
    if (message.type === "voucher") {
      speaker.say({ type: "ack", total: message.total, windowBytes: 4 * BLOCK });
    }
  };
}

suite("payees that cheat", () => {
  test(
    "an offer that was signed for another connection ends the connection",
    inScene(async (scene) => {
      await scene.start({ offerFor: () => new Uint8Array(32).fill(9) });
      await scene.until(() => scene.speakers[0]?.peer.isClosed === true);
      assert.equal(scene.heard("bid").length, 0);
    }),
  );

  test(
    "an offer of another chain or contract is passed over, and the download goes on unpaid",
    inScene(async (scene) => {
      await scene.start({ digests: new PayDigests({ chainId: 1, contract: CONTRACT }) });
      await scene.world.complete(scene.node.torrent.whenComplete());
      assert.equal(scene.heard("bid").length, 0);
      assert.equal(scene.buyer.spent, 0n);
    }),
  );

  test(
    "who takes the bid and sends nothing gets nothing",
    inScene(async (scene) => {
      await scene.start({ answer: () => null, onHear: accepting() });
      await scene.until(() => scene.heard("bid").length > 0);
      await scene.pass(120_000);
      assert.equal(scene.got, 0n);
      await scene.help();
      assert.equal(scene.buyer.spent, 0n);
    }),
  );

  test(
    "who sends garbage is paid for one bad piece at the most",
    inScene(async (scene) => {
      // It is honest until it is paid.
      let accepted = false;
      let garbage = 0;
      await scene.start({
        answer: (block) => (accepted ? (garbage++, spoil(block)) : block),
        onHear(speaker, message) {
          if (message.type === "bid") accepted = true;
          accepting()(speaker, message);
        },
      });
      await scene.pass(60_000);
      await scene.help();
      assert.ok(garbage > 0, "nothing was asked of it");
      const perPiece = BLOCK_WEI * BigInt(PIECE / BLOCK);
      assert.ok(scene.got <= 2n * perPiece, `${scene.got / BLOCK_WEI} blocks were paid`);
    }),
  );

  test(
    "junk blocks that nobody asked for are not paid",
    inScene(async (scene) => {
      let isJunk = false;
      await scene.start({
        answer: () => null,
        onHear(speaker, message) {
          accepting()(speaker, message);
          if (message.type !== "bid" || isJunk) return;
          isJunk = true;
          for (let i = 0; i < 60; i++) {
            speaker.peer.send(pieceMessage(7, (i % 16) * BLOCK, new Uint8Array(BLOCK)));
          }
        },
      });
      await scene.until(() => isJunk);
      await scene.pass(20_000);
      // What was asked for and answered with junk is a bad block like any other.
      assert.ok(scene.got <= 16n * BLOCK_WEI, `${scene.got / BLOCK_WEI} blocks were paid`);
    }),
  );

  test(
    "a price above the bid ends the connection",
    inScene(async (scene) => {
      await scene.start({ answer: () => null, onHear: accepting({ price: PRICE + 1n }) });
      await scene.until(() => scene.speakers[0]?.peer.isClosed === true);
      assert.equal(scene.got, 0n);
    }),
  );

  test(
    "a total that was never signed ends the connection, and a debt that was not made is not paid",
    inScene(async (scene) => {
      await scene.start({
        answer: () => null,
        onHear: accepting({ total: BLOCK_WEI, debt: 1000n * BLOCK_WEI }),
      });
      await scene.until(() => scene.speakers[0]?.peer.isClosed === true);
      assert.equal(scene.got, 0n);
    }),
  );

  test(
    "a debt that the payer knows nothing of is answered with a voucher of nothing",
    inScene(async (scene) => {
      await scene.start({ answer: () => null, onHear: accepting({ debt: 1000n * BLOCK_WEI }) });
      await scene.until(() => scene.heard("voucher").length > 0);
      await scene.pass(5000);
      assert.equal(scene.got, 0n);
    }),
  );

  test(
    "who refuses again and again, as if the channel were empty, does not drain the deposit",
    inScene(async (scene) => {
      let first: bigint | undefined;
      const { chain } = scene.paid;
      await scene.start({
        answer: () => null,
        onHear(speaker, message) {
          if (message.type !== "bid" || message.price === 0n) return;
          first ??= [...chain.channels.values()][0]!.state.capacity;
          speaker.say({ type: "reject", reason: "exhausted" });
        },
      });
      await scene.until(() => first !== undefined);
      await scene.pass(300_000);
      assert.equal(chain.channels.size, 1);
      assert.equal([...chain.channels.values()][0]!.state.capacity, first);
      assert.ok(scene.heard("bid").length <= 15, `${scene.heard("bid").length} bids`);
    }),
  );

  test(
    "a late answer to an earlier bid does not end the connection",
    inScene(async (scene) => {
      await scene.start({ answer: () => null });
      await scene.until(() => scene.heard("bid").length === 1);
      const [speaker] = scene.speakers;
      // The payer thinks again before it is answered: less than before.
      const selling = scene.buyer.sellers[0]!;
      selling.bid(selling.channel!, PRICE / 2n);
      await scene.until(() => scene.heard("bid").at(-1)?.price === PRICE / 2n);
      speaker!.say(ACCEPT);
      speaker!.say({ ...ACCEPT, price: PRICE / 2n });
      await scene.pass(2000);
      assert.equal(speaker!.peer.isClosed, false);
      assert.equal(selling.account?.price, PRICE / 2n);
      speaker!.say(ACCEPT);
      await scene.until(() => speaker!.peer.isClosed);
    }),
  );
});
