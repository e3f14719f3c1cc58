import {
  type Address,
  callContract,
  type CallIntent,
  type CompactSignature,
  type Network,
  readContract,
  type Reading,
} from "@shoal/chain";
import { bandwidthChannelsAbi } from "@shoal/contracts";
import type { ChannelId, ChannelKey, ChannelState } from "../channel/channel-key.ts";
import type { ChannelReader } from "../channel/channel-reader.ts";
import type { TorrentReceipt } from "../selling/claim.ts";
import { hexOf } from "./hex-of.ts";

/** `closableAt` of a channel that is closed: the contract's mark. */
const CLOSED = 2 ** 48 - 1;

/** A channel to open. */
export interface Opening {
  readonly key: Omit<ChannelKey, "payer">;
  /** Wei. */
  readonly capacity: bigint;
}

/** A voucher to redeem. */
export interface Redemption {
  readonly key: ChannelKey;
  readonly total: bigint;
  readonly signature: CompactSignature;
}

/** A channel's receipts, to write down. */
export interface Attribution {
  readonly key: ChannelKey;
  readonly receipts: readonly TorrentReceipt[];
}

/** `BandwidthChannels` on a network: what is read of it, and the intents that change it. */
export class ChannelsContract implements ChannelReader {
  readonly network: Network;
  readonly address: Address;
  readonly #reading: Reading;

  /** @param reading How channels are read: by a quorum, of blocks that will not be undone, when absent. */
  constructor(
    network: Network,
    address: Address,
    reading: Reading = { at: "final", assurance: "quorum" },
  ) {
    this.network = network;
    this.address = address;
    this.#reading = reading;
  }

  async read(channel: ChannelId): Promise<ChannelState | null> {
    const { capacity, paid, closableAt } = await readContract(
      this.network,
      { ...this.#contract, functionName: "channelOf", args: [channel] },
      this.#reading,
    );
    const isClosed = closableAt === CLOSED;
    if (capacity === 0n && !isClosed) return null;
    return { capacity, paid, isClosed, closableAt: closableAt === 0 ? null : closableAt };
  }

  /** Wei of the payer's deposit that is reserved for nobody. */
  async freeOf(payer: Address, reading?: Reading): Promise<bigint> {
    const call = { ...this.#contract, functionName: "freeOf", args: [payer] } as const;
    return await readContract(this.network, call, reading);
  }

  deposit(wei: bigint): CallIntent {
    return this.#call({ functionName: "deposit", args: [wei] } as const);
  }

  withdraw(wei: bigint, to: Address): CallIntent {
    return this.#call({ functionName: "withdraw", args: [wei, to] } as const);
  }

  openMany(openings: readonly Opening[]): CallIntent {
    const listed = openings.map(({ key, capacity }) => ({ ...key, capacity }));
    return this.#call({ functionName: "openMany", args: [listed] } as const);
  }

  topUp(key: ChannelKey, wei: bigint): CallIntent {
    return this.#call({ functionName: "topUp", args: [key, wei] } as const);
  }

  /** Anybody may send it: the payee is paid. */
  redeemMany(payee: Address, redemptions: readonly Redemption[]): CallIntent {
    const claims = redemptions.map(({ key, total, signature }) => ({
      payer: key.payer,
      signer: key.signer,
      challengeSeconds: key.challengeSeconds,
      salt: key.salt,
      total,
      r: hexOf(signature.r),
      vs: hexOf(signature.vs),
    }));
    return this.#call({ functionName: "redeemMany", args: [payee, claims] } as const);
  }

  /** Closes at once, with the payee's consent. */
  close(key: ChannelKey, total: bigint, { r, vs }: CompactSignature): CallIntent {
    return this.#call({
      functionName: "close",
      args: [key, total, hexOf(r), hexOf(vs)],
    } as const);
  }

  /** Writes receipts down, of several channels at once. Each over at most what its channel has paid. */
  attributeMany(channels: readonly Attribution[]): CallIntent {
    const calls = channels.map(({ key, receipts }) => {
      const listed = receipts.map(({ torrent, size, total, signature }) => ({
        torrent: `0x${torrent}` as const,
        size,
        total,
        r: hexOf(signature.r),
        vs: hexOf(signature.vs),
      }));
      return this.#call({ functionName: "attribute", args: [key, listed] } as const).data;
    });
    return this.#call({ functionName: "multicall", args: [calls] } as const);
  }

  startClose(key: ChannelKey): CallIntent {
    return this.#call({ functionName: "startClose", args: [key] } as const);
  }

  finalize(key: ChannelKey): CallIntent {
    return this.#call({ functionName: "finalize", args: [key] } as const);
  }

  get #contract() {
    return { address: this.address, abi: bandwidthChannelsAbi } as const;
  }

  #call<const T extends object>(call: T): CallIntent {
    return callContract({ ...this.#contract, ...call } as never);
  }
}
