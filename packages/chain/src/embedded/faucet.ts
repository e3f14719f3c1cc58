import { bttAbi } from "@shoal/contracts";
import { encodeFunctionData, type Hex, numberToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { EMBEDDED_BTT_ADDRESS, type Genesis } from "./genesis.ts";

/** Enough for 50,000 transfers. */
export const FAUCET_COIN_WEI = 10n * 10n ** 18n;
export const FAUCET_BTT_WEI = 10_000n * 10n ** 18n;

const TRANSFER_GAS = 100_000n;

/** What somebody was given. */
export interface FaucetGift {
  /** The coin that gas is paid with. */
  readonly coinWei: Hex;
  readonly bttWei: Hex;
  /** Both are in a block. */
  readonly transactions: readonly Hex[];
}

/** Gives play money away, of an account that holds all of it. */
export class Faucet {
  readonly address: Hex;
  readonly #account;
  readonly #genesis: Genesis;
  readonly #submit: (raw: Hex) => Promise<Hex>;
  readonly #countTransactions: (address: Hex) => Promise<number>;
  /** The number of the next transaction; null where the chain has to be asked. */
  #next: Promise<number> | null = null;

  constructor(
    genesis: Genesis,
    submit: (raw: Hex) => Promise<Hex>,
    countTransactions: (address: Hex) => Promise<number>,
  ) {
    this.#account = privateKeyToAccount(genesis.faucetKey);
    this.address = this.#account.address.toLowerCase() as Hex;
    this.#genesis = genesis;
    this.#submit = submit;
    this.#countTransactions = countTransactions;
  }

  /** @throws {RpcError} */
  async give(to: Hex): Promise<FaucetGift> {
    const next = this.#next ?? this.#countTransactions(this.address);
    // Whoever asks meanwhile goes on behind these two.
    this.#next = next.then((nonce) => nonce + 2);
    try {
      const nonce = await next;
      const data = encodeFunctionData({
        abi: bttAbi,
        functionName: "transfer",
        args: [to, FAUCET_BTT_WEI],
      });
      const signed = await Promise.all([
        this.#sign({ nonce, to, value: FAUCET_COIN_WEI }),
        this.#sign({ nonce: nonce + 1, to: EMBEDDED_BTT_ADDRESS, data }),
      ]);
      const transactions = await Promise.all(signed.map((raw) => this.#submit(raw)));
      return {
        coinWei: numberToHex(FAUCET_COIN_WEI),
        bttWei: numberToHex(FAUCET_BTT_WEI),
        transactions,
      };
    } catch (error) {
      this.#next = null;
      throw error;
    }
  }

  async #sign(transaction: {
    readonly nonce: number;
    readonly to: Hex;
    readonly value?: bigint;
    readonly data?: Hex;
  }): Promise<Hex> {
    return await this.#account.signTransaction({
      type: "eip1559",
      chainId: this.#genesis.chainId,
      gas: TRANSFER_GAS,
      maxFeePerGas: BigInt(this.#genesis.baseFeeWei),
      maxPriorityFeePerGas: 0n,
      ...transaction,
    });
  }
}
