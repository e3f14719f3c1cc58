import {
  ChainError,
  decodeLog,
  type Log,
  readEvents,
  type Sender,
  type Signer,
} from "@shoal/chain";
import { bandwidthChannelsAbi } from "@shoal/contracts";
import type { ChannelId } from "../channel/channel-key.ts";
import type { Claim } from "../selling/claim.ts";
import type { ClaimStore } from "../selling/claim-store.ts";
import type { ChannelsContract, Redemption } from "./channels-contract.ts";

/** Claims in one transaction: about 3 million gas. Networks that bound a transaction's time would not take many more. */
export const CLAIMS_PER_TRANSACTION = 200;

export interface RedeemerInit {
  readonly contract: ChannelsContract;
  readonly claims: ClaimStore;
  readonly sender: Sender;
  /** Pays the fees, and is the payee. */
  readonly payee: Signer;
  /** A claim with less than this unredeemed waits, unless its channel is being closed. Wei. */
  readonly worthWei: bigint;
  /** {@link CLAIMS_PER_TRANSACTION} when absent. About 580 fill the 128 KiB that nodes take of a transaction. */
  readonly claimsPerTransaction?: number;
}

/** What a redemption brought. */
export interface Redeemed {
  readonly claims: number;
  /** Wei, before the 5% that are burned. */
  readonly grossWei: bigint;
  readonly transactions: readonly string[];
}

interface Sent {
  readonly id: string;
  /** By channel, wei that it has paid in all. */
  readonly paid: ReadonlyMap<ChannelId, bigint>;
}

/** What a transaction's events say was paid: the question to the chain about each claim is saved. */
function paidBy(logs: readonly Log[], { address }: ChannelsContract): Map<ChannelId, bigint> {
  const paid = new Map<ChannelId, bigint>();
  for (const log of logs) {
    if (log.address !== address) continue;
    const event = decodeLog(bandwidthChannelsAbi, log);
    if (event?.eventName !== "Redeemed") continue;
    const { channelId, paid: total } = event.args as unknown as {
      readonly channelId: ChannelId;
      readonly paid: bigint;
    };
    paid.set(channelId, total);
  }
  return paid;
}

/** Turns claims into tokens: in batches when it is worth it, and in time when a payer wants to close. */
export class Redeemer {
  readonly #init: RedeemerInit;
  /** Up to which block `CloseStarted` was looked for. */
  #seenBlock: number | null = null;
  readonly #closing = new Set<ChannelId>();

  constructor(init: RedeemerInit) {
    this.#init = init;
  }

  /**
   * Redeems what is due: all that is worth it, and everything of channels that are being closed.
   * @param all Whatever it is worth.
   * @throws {ChainError} when the chain cannot be asked or refuses; what was redeemed before is noted.
   */
  async redeem(all = false): Promise<Redeemed> {
    const { claims, worthWei, payee, claimsPerTransaction = CLAIMS_PER_TRANSACTION } = this.#init;
    await this.#findClosing(all ? 0n : worthWei);
    const due = claims.all().filter((claim) => {
      const left = claim.total - claim.redeemed;
      if (left <= 0n || claim.signature === null || claim.key.payee !== payee.address) return false;
      return all || left >= worthWei || this.#closing.has(claim.channel);
    });
    const done = { claims: 0, grossWei: 0n, transactions: [] as string[] };
    for (let at = 0; at < due.length; at += claimsPerTransaction) {
      const batch = due.slice(at, at + claimsPerTransaction);
      const sent = await this.#redeemBatch(batch);
      if (sent !== null) done.transactions.push(sent.id);
      for (const claim of batch) {
        const paid = sent?.paid.get(claim.channel) ?? (await this.#askPaid(claim));
        const gain = this.#noteRedeemed(claim, paid);
        if (gain === 0n) continue;
        done.claims++;
        done.grossWei += gain;
      }
    }
    await claims.flush();
    return done;
  }

  /** @returns null when somebody else has redeemed all of it already. */
  async #redeemBatch(batch: readonly Claim[]): Promise<Sent | null> {
    const { contract, sender, payee } = this.#init;
    const redemptions = batch.map(({ key, total, signature }): Redemption => ({
      key,
      total,
      signature: signature!,
    }));
    try {
      const { id } = await sender.send(
        {
          ...contract.redeemMany(payee.address, redemptions),
          summary: `redeem ${batch.length} claims for bandwidth`,
        },
        payee,
      );
      const status = await sender.waitFor(id, { until: "final" });
      if (status?.receipt.isSuccess !== true) {
        throw new ChainError("reverted", `Redemption ${id} did not do what it should.`);
      }
      return { id, paid: paidBy(status.receipt.logs, contract) };
    } catch (error) {
      const text = error instanceof Error ? error.message : "";
      if (text.includes("NothingToRedeem")) return null;
      throw error;
    }
  }

  /** Wei that the chain says was paid. */
  async #askPaid({ channel, redeemed }: Claim): Promise<bigint> {
    const state = await this.#init.contract.read(channel);
    return state?.paid ?? redeemed;
  }

  /** What the chain says was paid counts. @returns Wei more than was known. */
  #noteRedeemed(claim: Claim, paid: bigint): bigint {
    const { claims } = this.#init;
    const latest = claims.of(claim.channel, claim.key);
    if (paid <= latest.redeemed) return 0n;
    claims.put({ ...latest, redeemed: paid });
    return paid - latest.redeemed;
  }

  /** Channels of ours whose payers want to close them: what is claimed has to be redeemed in time. */
  async #findClosing(worthWei: bigint): Promise<void> {
    const { contract, claims } = this.#init;
    const { latest } = await contract.network.head();
    const known = claims.all();
    if (this.#seenBlock === null) {
      // After a start, whose payer has begun to close meanwhile is asked of each that is owed something; what is worth
      // redeeming is redeemed anyway.
      for (const { channel, total, redeemed } of known) {
        const left = total - redeemed;
        if (left <= 0n || left >= worthWei) continue;
        const state = await contract.read(channel);
        if (state !== null && state.closableAt !== null) this.#closing.add(channel);
      }
    } else if (latest.number > this.#seenBlock) {
      const events = await readEvents(contract.network, {
        abi: bandwidthChannelsAbi,
        eventName: "CloseStarted",
        addresses: [contract.address],
        fromBlock: this.#seenBlock + 1,
        toBlock: latest.number,
      });
      const ours = new Set(known.map(({ channel }) => channel));
      for (const { args } of events) {
        const channel = args.channelId as ChannelId;
        if (ours.has(channel)) this.#closing.add(channel);
      }
    }
    this.#seenBlock = latest.number;
  }
}
