import type { Clock, Timer } from "@shoal/runtime";
import type { ChannelId } from "../channel/channel-key.ts";
import type { ChannelReader } from "../channel/channel-reader.ts";
import type { PayChecks, PayeeSigner } from "../channel/pay-crypto.ts";
import type { Claims } from "./claims.ts";
import type { SellingPeer, SellingWorld } from "./selling-peer.ts";
import type { SellingTerms } from "./selling-terms.ts";

/** How often it is looked for payers that do not pay. */
const TICK_MS = 1000;
/** How often the chain is asked about channels in use: a reorganisation may undo one, a payer close or top it up. */
const LOOK_EVERY_MS = 60_000;
/** How often it is looked at the end whether everything is paid. */
const SETTLE_TICK_MS = 50;

export interface SellerInit {
  readonly clock: Clock;
  readonly checks: PayChecks;
  readonly payee: PayeeSigner;
  readonly channels: ChannelReader;
  readonly claims: Claims;
  readonly terms: SellingTerms;
  /** Whether it sells from the beginning on; true when absent. */
  readonly isOpen?: boolean;
}

/** Sells upload on all connections of a session. */
export class Seller implements SellingWorld {
  readonly clock: Clock;
  readonly checks: PayChecks;
  readonly payee: PayeeSigner;
  readonly channels: ChannelReader;
  readonly claims: Claims;
  readonly inUse = new Map<ChannelId, SellingPeer>();
  readonly #stopListening: () => void;
  #terms: SellingTerms;
  #isOpen: boolean;
  #isEnding = false;
  #wake: (peerId: number) => void = () => undefined;
  #timer: Timer | undefined;
  #closed = false;
  #lookedAtMs: number;
  #isLooking = false;

  constructor(init: SellerInit) {
    this.clock = init.clock;
    this.checks = init.checks;
    this.payee = init.payee;
    this.channels = init.channels;
    this.claims = init.claims;
    this.#terms = init.terms;
    this.#isOpen = init.isOpen ?? true;
    this.#lookedAtMs = init.clock.monotonicMs();
    this.#stopListening = init.claims.onDurable((channel) =>
      this.inUse.get(channel)?.acknowledge(),
    );
  }

  get terms(): SellingTerms {
    return this.#terms;
  }
  get isOpen(): boolean {
    return this.#isOpen;
  }
  get isEnding(): boolean {
    return this.#isEnding;
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

  /** Sells on these terms from now on. Who is connected has to be offered them: see {@link SellingPeer.offer}. */
  open(terms: SellingTerms): void {
    this.#terms = terms;
    this.#isOpen = !this.#closed;
    for (const peer of [...this.inUse.values()]) peer.review();
  }

  /**
   * Sends nothing more to those who pay, and waits until what they have got is paid and on disk.
   * @param mostMs What is unpaid after so long is a debt.
   */
  async settle(mostMs: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + mostMs;
    const isWaiting = () => [...this.inUse.values()].some((peer) => peer.isOwed);
    this.#isEnding = true;
    while (isWaiting() && this.clock.monotonicMs() < untilMs) {
      await new Promise<void>((resolve) => void this.clock.setTimer(SETTLE_TICK_MS, resolve));
    }
    this.#isEnding = false;
  }

  /** Sells nothing more, until it is opened again: what is claimed stays claimed. */
  pause(): void {
    this.#isOpen = false;
    for (const peer of [...this.inUse.values()]) peer.yield();
  }

  /** Stops selling for good. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#stopListening();
    this.pause();
  }

  /** Asks for the channels in use, one after the other. While the chain cannot be asked, they stay as they were known. */
  async #look(nowMs: number): Promise<void> {
    this.#lookedAtMs = nowMs;
    this.#isLooking = true;
    for (const id of [...this.inUse.keys()]) {
      try {
        const state = await this.channels.read(id);
        this.inUse.get(id)?.learn(id, state);
      } catch {
        break;
      }
    }
    this.#isLooking = false;
  }

  #schedule(): void {
    this.#timer = this.clock.setTimer(TICK_MS, () => {
      this.#timer = undefined;
      const nowMs = this.clock.monotonicMs();
      for (const peer of this.inUse.values()) peer.tick(nowMs);
      if (nowMs - this.#lookedAtMs >= LOOK_EVERY_MS && !this.#isLooking) void this.#look(nowMs);
      if (this.inUse.size > 0 && !this.#closed) this.#schedule();
    });
  }
}
