import { privateKeyToAddress } from "viem/accounts";
import { bytesToHex } from "viem";
import { type Address, KeySigner, toAddress } from "@shoal/chain";
import type { SessionOptions, UploadPolicy } from "@shoal/engine";
import type { SimHost, SimWorld } from "@shoal/runtime/sim";
import { Buyer, type BuyerEvents } from "../../packages/speed/src/buying/buyer.ts";
import type { Bidding } from "../../packages/speed/src/buying/bidding.ts";
import { MemoryPurse } from "../../packages/speed/src/buying/memory-purse.ts";
import type { Purse } from "../../packages/speed/src/buying/purse.ts";
import {
  PayChecks,
  PayeeSigner,
  SessionSigner,
} from "../../packages/speed/src/channel/pay-crypto.ts";
import { PayDigests } from "../../packages/speed/src/channel/pay-digests.ts";
import { ClaimStore } from "../../packages/speed/src/selling/claim-store.ts";
import { Seller } from "../../packages/speed/src/selling/seller.ts";
import {
  DEFAULT_MAX_WINDOW_BYTES,
  type SellingTerms,
} from "../../packages/speed/src/selling/selling-terms.ts";
import { Trade } from "../../packages/speed/src/trade/trade.ts";
import { createModelFunder, ModelChain } from "./model-chain.ts";

export const CONTRACT = toAddress("0x00000000000000000000000000000000000000c0");
export const WEI_PER_BTT = 10n ** 18n;

/** A key that depends on a number alone. */
export function keyOf(number: number): { readonly key: Uint8Array; readonly address: Address } {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(28, number + 1);
  return { key, address: toAddress(privateKeyToAddress(bytesToHex(key))) };
}

export const TERMS: SellingTerms = {
  minPrice: 1_000_000n,
  freeSlots: 1,
  paidSlots: 4,
  minChallengeSeconds: 3600,
  minChannelWei: 0n,
  window: { maxBytes: DEFAULT_MAX_WINDOW_BYTES, maxExposure: WEI_PER_BTT },
};

/** A chain for a simulated world, and what trades on it. */
export class PaidWorld {
  readonly digests = new PayDigests({ chainId: 1337, contract: CONTRACT });
  readonly chain = new ModelChain(this.digests);
  readonly world: SimWorld;

  constructor(world: SimWorld) {
    this.world = world;
  }

  /** What a session needs to sell. @param number Its key's. */
  async seller(host: SimHost, number: number, terms: Partial<SellingTerms> = {}) {
    return await this.world.complete(this.openSeller(host, number, terms));
  }

  /** The same, while time passes anyway. */
  async openSeller(host: SimHost, number: number, terms: Partial<SellingTerms> = {}) {
    const { key, address } = keyOf(number);
    const claims = await ClaimStore.open({
      store: host.store,
      clock: host.clock,
      network: "model",
    });
    const seller = new Seller({
      clock: host.clock,
      checks: new PayChecks(this.digests),
      payee: new PayeeSigner(this.digests, new KeySigner(key)),
      channels: this.chain,
      claims,
      terms: { ...TERMS, ...terms },
    });
    return { seller, claims, address };
  }

  /** What a session needs to buy, with a deposit. */
  buyer(
    host: SimHost,
    number: number,
    init: {
      readonly deposit: bigint;
      /** What may be spent of it; all when absent. */
      readonly budget?: bigint;
      readonly bidding: Bidding;
      readonly missingBytes: () => number;
      readonly purse?: Purse;
      readonly on?: BuyerEvents;
    },
  ) {
    const { key, address } = keyOf(number);
    const signer = keyOf(number + 10_000);
    const purse = init.purse ?? new MemoryPurse();
    this.chain.free.set(address, (this.chain.free.get(address) ?? 0n) + init.deposit);
    const buyer = new Buyer({
      clock: host.clock,
      checks: new PayChecks(this.digests),
      signer: new SessionSigner(this.digests, signer.address, signer.key),
      purse,
      funder: createModelFunder(this.chain, { payer: address, signer: signer.address, purse }),
      bidding: init.bidding,
      budget: init.budget ?? init.deposit,
      missingBytes: init.missingBytes,
      ...(init.on === undefined ? {} : { on: init.on }),
    });
    return { buyer, address, key };
  }
}

/** The session's options that let it trade. */
export function tradeOptions(
  host: SimHost,
  init: {
    readonly seller?: Seller | null;
    readonly buyer?: Buyer | null;
    readonly free: UploadPolicy;
  },
): Partial<SessionOptions> {
  const { seller = null, buyer = null, free } = init;
  const trade = new Trade({ random: host.random, seller, buyer });
  return {
    extensions: [trade.extension],
    flowGate: trade.gate,
    uploadPolicy: trade.uploadPolicy(free),
  };
}
