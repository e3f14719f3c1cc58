import {
  type Address,
  callContract,
  type CallIntent,
  type Hex,
  type Network,
  readContract,
  readEvents,
  toAddress,
} from "@shoal/chain";
import { seedRewardsAbi } from "@shoal/contracts";
import type { Distribution } from "./distribution.ts";
import type { Share } from "./share-tree.ts";

/** `EMISSION_DIVISOR` of `SeedRewards`: an epoch gets at most a 300th of what is left. */
const EMISSION_DIVISOR = 300n;

/** What the authority posted for an epoch. */
export interface Posted {
  readonly root: Hex;
  readonly totalWei: bigint;
  readonly claimedWei: bigint;
  /** Until then it can be refused, from then on claimed. Seconds since 1970. */
  readonly claimableAtS: number;
}

/** A share with what proves it. */
export interface ProvenShare extends Share {
  readonly epoch: number;
  readonly proof: readonly Hex[];
}

/** `SeedRewards` on a network. */
export class RewardsContract {
  readonly network: Network;
  readonly address: Address;

  constructor(network: Network, address: Address) {
    this.network = network;
    this.address = address;
  }

  /** Whose events are rewarded. */
  async channels(): Promise<Address> {
    const call = { ...this.#contract, functionName: "channels", args: [] } as const;
    return toAddress(await readContract(this.network, call));
  }

  /** The first epoch that can be posted. */
  async firstEpoch(): Promise<number> {
    const call = { ...this.#contract, functionName: "firstEpoch", args: [] } as const;
    return Number(await readContract(this.network, call));
  }

  /** What an epoch may pay by the state after this block: a 300th of what no root has a claim on. Wei. */
  async emissionAt(block: number): Promise<bigint> {
    const call = { ...this.#contract, functionName: "remaining", args: [] } as const;
    return (await readContract(this.network, call, { at: block })) / EMISSION_DIVISOR;
  }

  /** Null when nothing is posted, or it was refused. */
  async posted(epoch: number): Promise<Posted | null> {
    const { root, total, claimed, claimableAt } = await readContract(this.network, {
      ...this.#contract,
      functionName: "distributionOf",
      args: [BigInt(epoch)],
    });
    if (BigInt(root) === 0n) return null;
    return { root, totalWei: total, claimedWei: claimed, claimableAtS: Number(claimableAt) };
  }

  /** Where roots were posted, refused ones among them. */
  async postings(
    fromBlock: number,
    toBlock: number,
  ): Promise<readonly { readonly epoch: number; readonly block: number }[]> {
    if (fromBlock > toBlock) return [];
    const { address, abi } = this.#contract;
    const range = { fromBlock, toBlock };
    const query = { ...range, addresses: [address], abi, eventName: "Posted" } as const;
    const events = await readEvents(this.network, query);
    return events.map(({ args, log }) => ({ epoch: Number(args.epoch), block: log.block.number }));
  }

  async isClaimed(epoch: number, index: number): Promise<boolean> {
    const args = [BigInt(epoch), BigInt(index)] as const;
    const call = { ...this.#contract, functionName: "isClaimed", args } as const;
    return await readContract(this.network, call);
  }

  /** For the authority. @throws {RangeError} when there is nothing to post. */
  post({ epoch, root, totalWei, contentHash }: Distribution): CallIntent {
    if (root === null) throw new RangeError(`nobody earned anything in epoch ${epoch}`);
    const args = [BigInt(epoch), root, totalWei, contentHash] as const;
    const summary = `post the rewards of epoch ${epoch}`;
    return callContract({ ...this.#contract, functionName: "post", args, summary });
  }

  /** For a guardian. */
  veto(epoch: number): CallIntent {
    const summary = `refuse the rewards of epoch ${epoch}`;
    const args = [BigInt(epoch)] as const;
    return callContract({ ...this.#contract, functionName: "veto", args, summary });
  }

  /** Anybody may send it: the accounts are paid. */
  claim(shares: readonly ProvenShare[]): CallIntent {
    const listed = shares.map(({ epoch, index, account, amount, proof }) => ({
      epoch: BigInt(epoch),
      index: BigInt(index),
      account,
      amount,
      proof,
    }));
    const summary = `claim ${shares.length} rewards for seeding`;
    return callContract({ ...this.#contract, functionName: "claimMany", args: [listed], summary });
  }

  get #contract() {
    return { address: this.address, abi: seedRewardsAbi } as const;
  }
}
