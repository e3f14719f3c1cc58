import assert from "node:assert/strict";
import { createTitForTatPolicy } from "@shoal/engine";
import type { TorrentVersion } from "@shoal/protocol";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import {
  endpointOf,
  holdsContent,
  type Node,
  type SampleTorrent,
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
export const BLOCK = 16 * 1024;
export const PRICE = 2n ** 26n;
const LINE = 500_000;

export interface PairInit {
  /** Of the seller's line; 500 kB/s when absent. */
  readonly upBytesPerSecond?: number;
  /** Of the buyer's line, one way. */
  readonly latencyMs?: number;
  readonly lengthBytes?: number;
  readonly version?: TorrentVersion;
}

/** A seller and a buyer, both honest, in a world that is not. */
export class Pair {
  readonly world: SimWorld;
  readonly paid: PaidWorld;
  readonly sample: SampleTorrent;
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

  constructor(world: SimWorld, init: PairInit = {}) {
    const { upBytesPerSecond = LINE, latencyMs = 10, lengthBytes = 6 * MIB, version } = init;
    this.world = world;
    this.paid = new PaidWorld(world);
    this.sample = sampleTorrent({
      version: version ?? "v1",
      pieceLengthBytes: Math.min(128 * 1024, lengthBytes / 8),
      fileLengths: [lengthBytes],
    });
    this.sellerHost = world.host({ address: "10.0.0.1", upBytesPerSecond });
    this.buyerHost = world.host({ address: "10.0.0.2", latencyMs });
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

/** A test with a pair of its own. */
export function inPair(play: (pair: Pair) => Promise<void>, init: PairInit = {}) {
  return () => withWorld({ seed: 3 }, async (world) => await play(new Pair(world, init)));
}
