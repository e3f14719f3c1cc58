import { ChainError, type Sender, type Signer } from "@shoal/chain";
import type { Claim } from "../selling/claim.ts";
import type { ClaimStore, StoredReceipt } from "../selling/claim-store.ts";
import type { ChannelsContract } from "./channels-contract.ts";

/** Receipts in one transaction: about 2 million gas. */
const MAX_RECEIPTS_PER_TRANSACTION = 150;

export interface AttributorInit {
  readonly contract: ChannelsContract;
  readonly claims: ClaimStore;
  readonly sender: Sender;
  /** Pays the fees, and is the payee. */
  readonly payee: Signer;
  /** A receipt that says less than this more than the chain knows already waits. Wei. */
  readonly worthWei: bigint;
}

/** What was written down on chain. */
export interface Attributed {
  readonly receipts: number;
  readonly transactions: readonly string[];
}

interface Due {
  readonly claim: Claim;
  readonly receipt: StoredReceipt;
}

/**
 * Writes receipts down on chain, which is what rewards for seeding are computed from: for payees who want them, soon
 * after a redemption, since what is redeemed in one epoch counts in that one alone.
 */
export class Attributor {
  readonly #init: AttributorInit;

  constructor(init: AttributorInit) {
    this.#init = init;
  }

  /**
   * Writes down what is worth it. A receipt over more than its channel has paid so far waits for the next redemption.
   * @param all Whatever it is worth.
   * @throws {ChainError} when the chain cannot be asked or refuses; what was written down before is noted.
   */
  async attribute(all = false): Promise<Attributed> {
    const due = await this.#findDue(all);
    const transactions: string[] = [];
    for (let at = 0; at < due.length; at += MAX_RECEIPTS_PER_TRANSACTION) {
      const batch = due.slice(at, at + MAX_RECEIPTS_PER_TRANSACTION);
      transactions.push(await this.#send(batch));
      await this.#init.claims.noteAttributed(batch.map(({ receipt }) => receipt));
    }
    return { receipts: due.length, transactions };
  }

  async #findDue(all: boolean): Promise<Due[]> {
    const { claims, payee, worthWei } = this.#init;
    await claims.flush();
    const claimOf = new Map(claims.all().map((claim) => [claim.channel, claim]));
    const due: Due[] = [];
    for (const receipt of await claims.unattributed()) {
      const claim = claimOf.get(receipt.channel);
      if (claim?.key.payee !== payee.address) continue;
      const more = receipt.total - receipt.attributed;
      const isWorthIt = more > 0n && (all || more >= worthWei);
      if (isWorthIt && receipt.total <= claim.redeemed) due.push({ claim, receipt });
    }
    return due;
  }

  async #send(batch: readonly Due[]): Promise<string> {
    const { contract, sender, payee } = this.#init;
    const byChannel = Map.groupBy(batch, ({ claim }) => claim.channel);
    const intent = contract.attributeMany(
      [...byChannel.values()].map((group) => ({
        key: group[0]!.claim.key,
        receipts: group.map(({ receipt }) => receipt),
      })),
    );
    const summary = `write down ${batch.length} receipts for seeding`;
    const { id } = await sender.send({ ...intent, summary }, payee);
    const status = await sender.waitFor(id, { until: "final" });
    if (status?.receipt.isSuccess !== true) {
      throw new ChainError("reverted", `Transaction ${id} did not do what it should.`);
    }
    return id;
  }
}
