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
  /** How many channels were opened: no salt is used twice. */
  opened = 0n;

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

  /** An open channel between these. */
  find(wanted: Pick<ChannelKey, "payer" | "payee" | "signer">): OwnChannel | undefined {
    for (const [id, { key, state }] of this.channels) {
      const isBetween =
        key.payer === wanted.payer && key.payee === wanted.payee && key.signer === wanted.signer;
      if (!isBetween || state.isClosed || state.closableAt !== null) continue;
      return { id, key, capacity: state.capacity, allowed: state.capacity };
    }
    return undefined;
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
  function fundOne({ payee, minChallengeSeconds, wei }: Funding): OwnChannel | null {
    const known = chain.find({ ...init, payee });
    let lack = wei;
    try {
      if (known !== undefined) {
        lack -= known.capacity - init.purse.signedTotal(known.id);
        if (lack <= 0n) return known;
        chain.topUp(known.id, lack);
      } else {
        const { payer, signer } = init;
        const key = {
          payer,
          payee,
          signer,
          challengeSeconds: minChallengeSeconds,
          salt: ++chain.opened,
        };
        const id = chain.open(key, wei);
        return { id, key, capacity: wei, allowed: wei };
      }
    } catch (error) {
      if (error instanceof ChainError && error.code === "insufficient-funds") return null;
      throw error;
    }
    const capacity = known.capacity + lack;
    return { ...known, capacity, allowed: capacity };
  }

  return {
    async fund(wanted) {
      if (chain.isDown) throw new ChainError("unreachable", "The model is down.");
      return wanted.map(fundOne);
    },
  };
}
