import type { PrivateKeyAccount } from "viem/accounts";
import { bttArtifact } from "../artifacts/btt.ts";
import { bandwidthChannelsArtifact } from "../artifacts/bandwidth-channels.ts";
import { BTT_TOTAL_SUPPLY_WEI } from "../index.ts";
import type { Call, Deployed, SimulatedChain } from "./simulated-chain.ts";

/** What a step cost: who does it how often decides what it may cost. */
export interface GasEntry {
  /** Chapter of the table: the contract. */
  readonly contract: string;
  readonly action: string;
  /** Gas of the whole transaction, or of one of `parts` of it. */
  readonly gas: number;
  /** Whether users do it in daily use; deploying and operating are not. */
  readonly isEveryday: boolean;
}

/** Measures actions one after the other, on a chain with a token and channels. */
export class GasLedger {
  readonly entries: GasEntry[] = [];
  readonly chain: SimulatedChain;
  readonly token: Deployed;
  readonly channels: Deployed;
  /** Holds the whole supply. */
  readonly holder: PrivateKeyAccount;

  constructor(
    chain: SimulatedChain,
    holder: PrivateKeyAccount,
    token: Deployed,
    channels: Deployed,
  ) {
    this.chain = chain;
    this.holder = holder;
    this.token = token;
    this.channels = channels;
  }

  static async create(chain: SimulatedChain): Promise<GasLedger> {
    const holder = await chain.account(1);
    const token = await chain.deploy(bttArtifact, [[holder.address], [BTT_TOTAL_SUPPLY_WEI]]);
    const channels = await chain.deploy(bandwidthChannelsArtifact, [token.address]);
    const ledger = new GasLedger(chain, holder, token, channels);
    ledger.note("BTT", "deploy", token.gasUsed, false);
    ledger.note("BandwidthChannels", "deploy", channels.gasUsed, false);
    return ledger;
  }

  note(contract: string, action: string, gas: number, isEveryday: boolean): void {
    this.entries.push({ contract, action, gas, isEveryday });
  }

  /** Sends a call and writes down what it cost, divided by `parts`. */
  async measure(
    contract: string,
    action: string,
    from: PrivateKeyAccount,
    call: Call,
    options: { readonly isEveryday?: boolean; readonly parts?: number } = {},
  ): Promise<void> {
    const gas = await this.chain.send(from, call);
    const { isEveryday = true, parts = 1 } = options;
    this.note(contract, action, Math.round(gas / parts), isEveryday);
  }

  /** An account with tokens, which it lets `spenders` take. */
  async fund(number: number, amountWei: bigint, spenders: readonly Deployed[] = []) {
    const account = await this.chain.account(number);
    const { token } = this;
    await this.chain.send(this.holder, {
      to: token,
      name: "transfer",
      with: [account.address, amountWei],
    });
    for (const { address } of spenders) {
      await this.chain.send(account, {
        to: token,
        name: "approve",
        with: [address, 2n ** 256n - 1n],
      });
    }
    return account;
  }
}
