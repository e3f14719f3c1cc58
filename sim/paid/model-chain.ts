import { type Address, ChainError } from "@shoal/chain";
import type { ChannelFunder, Funding } from "../../packages/speed/src/buying/channel-funder.ts";
import type { OwnChannel, Purse } from "../../packages/speed/src/buying/purse.ts";
import type {
  ChannelId,
  ChannelKey,
  ChannelState,
} from "../../packages/speed/src/channel/channel-key.ts";
import type { ChannelReader } from "../../packages/speed/src/channel/channel-reader.ts";
import type { PayDigests } from "../../packages/speed/src/channel/pay-digests.ts";

/**
 * What `BandwidthChannels` keeps, as a model for simulated swarms: no gas, no blocks, the same sums. The contract itself is
 * tested where it is, and against real chains end to end.
 */
export class ModelChain implements ChannelReader {
  readonly digests: PayDigests;
  readonly channels = new Map<ChannelId, { key: ChannelKey; state: ChannelState }>();
  readonly free = new Map<Address, bigint>();
  /** Whether it answers. */
  isDown = false;

  constructor(digests: PayDigests) {
    this.digests = digests;
  }

  async read(channel: ChannelId): Promise<ChannelState | null> {
    if (this.isDown) throw new ChainError("unreachable", "The model is down.");
    return this.channels.get(channel)?.state ?? null;
  }

  open(key: ChannelKey, capacity: bigint): ChannelId {
    const id = this.digests.channelId(key);
    if (this.channels.has(id)) throw new Error("there is such a channel");
    this.#take(key.payer, capacity);
    this.channels.set(id, {
      key,
      state: { capacity, paid: 0n, closableAt: null, isClosed: false },
    });
    return id;
  }

  topUp(id: ChannelId, wei: bigint): void {
    const { key, state } = this.channels.get(id)!;
    this.#take(key.payer, wei);
    this.channels.set(id, { key, state: { ...state, capacity: state.capacity + wei } });
  }

  isOpen(id: ChannelId): boolean {
    const state = this.channels.get(id)?.state;
    return state !== undefined && !state.isClosed && state.closableAt === null;
  }

  /** A reorganisation undoes an opening. */
  undo(id: ChannelId): void {
    const { key, state } = this.channels.get(id)!;
    this.channels.delete(id);
    this.free.set(key.payer, (this.free.get(key.payer) ?? 0n) + state.capacity);
  }

  #take(payer: Address, wei: bigint): void {
    const free = this.free.get(payer) ?? 0n;
    if (free < wei) throw new ChainError("insufficient-funds", "Nothing is left of the deposit.");
    this.free.set(payer, free - wei);
  }
}

/** Funds channels on the model; a channel to each payee. */
export function createModelFunder(
  chain: ModelChain,
  init: { readonly payer: Address; readonly signer: Address; readonly purse: Purse },
): ChannelFunder {
  const own = new Map<Address, OwnChannel>();
  let salts = 0n;

  function fundOne({ payee, minChallengeSeconds, wei }: Funding): OwnChannel | null {
    const kept = own.get(payee);
    const known = kept !== undefined && chain.isOpen(kept.id) ? kept : undefined;
    let lack = wei;
    try {
      if (known !== undefined) {
        lack -= known.capacity - init.purse.signedTotal(known.id);
        if (lack <= 0n) return known;
        chain.topUp(known.id, lack);
      } else {
        const { payer, signer } = init;
        const key = { payer, payee, signer, challengeSeconds: minChallengeSeconds, salt: ++salts };
        const id = chain.open(key, wei);
        own.set(payee, { id, key, capacity: wei, allowed: wei });
        return own.get(payee)!;
      }
    } catch (error) {
      if (error instanceof ChainError && error.code === "insufficient-funds") return null;
      throw error;
    }
    const capacity = known.capacity + lack;
    const channel = { ...known, capacity, allowed: capacity };
    own.set(payee, channel);
    return channel;
  }

  return {
    async fund(wanted) {
      if (chain.isDown) throw new ChainError("unreachable", "The model is down.");
      return wanted.map(fundOne);
    },
  };
}
