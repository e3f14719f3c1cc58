import { createTitForTatPolicy } from "@shoal/engine";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { dialScripted } from "../../packages/engine/src/simulation/scripted-peer.ts";
import {
  endpointOf,
  sampleTorrent,
  startNode,
} from "../../packages/engine/src/simulation/swarm-world.ts";
import type { ChannelKey } from "../../packages/speed/src/channel/channel-key.ts";
import { toBytes20 } from "../../packages/speed/src/channel/pay-address.ts";
import { SessionSigner } from "../../packages/speed/src/channel/pay-crypto.ts";
import type { SellingTerms } from "../../packages/speed/src/selling/selling-terms.ts";
import type { Bid } from "../../packages/speed/src/wire/pay-message.ts";
import { keyOf, PaidWorld, tradeOptions, WEI_PER_BTT } from "./paid-world.ts";
import { type PaySpeaker, withPay } from "./pay-speaker.ts";

export const PIECE = 256 * 1024;
/** A block costs 2^20 wei. */
export const PRICE = 2n ** 26n;
export const BLOCK_WEI = 2n ** 20n;
export const CAPACITY = WEI_PER_BTT;

/** An honest seed that sells, and a payer whose every message is ours. */
export class PayerScene {
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

/** A test in a scene of its own. */
export function inScene(
  play: (scene: PayerScene) => Promise<void>,
  terms: Partial<SellingTerms> = {},
  host: { storeSyncMs?: number } = {},
): () => Promise<void> {
  return () =>
    withWorld({ seed: 1 }, async (world) => {
      const scene = await new PayerScene(world).start(terms, host);
      await play(scene);
      await scene.close();
    });
}
