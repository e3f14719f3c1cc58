import type { Clock, Timer } from "@shoal/runtime";
import type { ChannelId } from "../channel/channel-key.ts";
import type { ChannelReader } from "../channel/channel-reader.ts";
import type { PayChecks, PayeeSigner } from "../channel/pay-crypto.ts";
import type { Claims } from "./claims.ts";
import type { SellingPeer, SellingWorld } from "./selling-peer.ts";
import type { SellingTerms } from "./selling-terms.ts";

/** How often it is looked for payers that do not pay. */
const TICK_MS = 1000;

export interface SellerInit {
  readonly clock: Clock;
  readonly checks: PayChecks;
  readonly payee: PayeeSigner;
  readonly channels: ChannelReader;
  readonly claims: Claims;
  readonly terms: SellingTerms;
}

/** Sells upload on all connections of a session. */
export class Seller implements SellingWorld {
  readonly clock: Clock;
  readonly checks: PayChecks;
  readonly payee: PayeeSigner;
  readonly channels: ChannelReader;
  readonly claims: Claims;
  readonly terms: SellingTerms;
  readonly inUse = new Map<ChannelId, SellingPeer>();
  readonly #stopListening: () => void;
  #wake: (peerId: number) => void = () => undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(init: SellerInit) {
    this.clock = init.clock;
    this.checks = init.checks;
    this.payee = init.payee;
    this.channels = init.channels;
    this.claims = init.claims;
    this.terms = init.terms;
    this.#stopListening = init.claims.onDurable((channel) =>
      this.inUse.get(channel)?.acknowledge(),
    );
  }

  /** The engine's way to wake a peer whose credit has grown. */
  attach(wake: (peerId: number) => void): void {
    this.#wake = wake;
  }

  wake(peerId: number): void {
    this.#wake(peerId);
  }

  onBid(_peer: SellingPeer): void {
    if (this.#timer === undefined && !this.#closed && this.inUse.size > 0) this.#schedule();
  }

  /** Stops selling: what is claimed stays claimed. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#stopListening();
    for (const peer of this.inUse.values()) peer.yield();
  }

  #schedule(): void {
    this.#timer = this.clock.setTimer(TICK_MS, () => {
      this.#timer = undefined;
      const nowMs = this.clock.monotonicMs();
      for (const peer of this.inUse.values()) peer.tick(nowMs);
      if (this.inUse.size > 0 && !this.#closed) this.#schedule();
    });
  }
}
