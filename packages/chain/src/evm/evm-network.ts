import type { Signer } from "../accounts/signer.ts";
import { ChainError, RevertError } from "../errors.ts";
import {
  type Address,
  formatEvmAddress,
  type Hex,
  parseEvmAddress,
  toTransactionId,
  type TransactionId,
} from "../network/address.ts";
import { formatAmount } from "../network/amount.ts";
import { movesOf } from "../network/describe-intent.ts";
import type { NetworkInfo } from "../network/network-info.ts";
import type {
  CallRequest,
  CoinMove,
  CoinQuery,
  LogQuery,
  Network,
  Reading,
} from "../network/network.ts";
import type {
  BlockRef,
  BroadcastOutcome,
  Head,
  Intent,
  Log,
  PreparedTransaction,
  PrepareOptions,
  SignedTransaction,
  Simulation,
  TransactionStatus,
} from "../network/transaction.ts";
import type { Endpoints } from "../rpc/endpoints.ts";
import { classifyBroadcast } from "./broadcast-outcome.ts";
import { ChainHead, type Finality, readRef, refOf } from "./chain-head.ts";
import { isShortOfFunds, refusalOf, toRevert } from "./evm-errors.ts";
import { buildTransaction, priceOf, signTransaction, targetOf } from "./evm-transaction.ts";
import { ceilingOf, ceilPercent, estimateGasPrice, expectedPrice, outbid } from "./fees.ts";
import { readLogsInRange } from "./log-ranges.ts";
import {
  type EvmBlock,
  readAddress,
  readFields,
  readHex,
  readNumber,
  readQuantity,
  readReceipt,
  toQuantity,
} from "./read-answer.ts";

/** Gas of a transfer to an account without code (yellow paper, G_transaction). */
const TRANSFER_GAS = 21_000n;

/** State may change between estimate and block: what is not used is not paid. */
const GAS_MARGIN_PERCENT = 125n;

/** Blocks fetched at once while looking for moves of coin. */
const BLOCKS_AT_ONCE = 8;

export interface EvmNetworkOptions {
  readonly info: NetworkInfo;
  readonly endpoints: Endpoints;
  readonly finality: Finality;
}

/** An EVM chain behind JSON-RPC. */
export class EvmNetwork implements Network {
  readonly info: NetworkInfo;
  readonly #endpoints: Endpoints;
  readonly #head: ChainHead;

  constructor({ info, endpoints, finality }: EvmNetworkOptions) {
    this.info = info;
    this.#endpoints = endpoints;
    this.#head = new ChainHead(info, endpoints, finality);
  }

  parseAddress(text: string): Address {
    return parseEvmAddress(text);
  }

  formatAddress(address: Address): string {
    return formatEvmAddress(address);
  }

  formatTransactionId(id: TransactionId): string {
    return id;
  }

  async head(): Promise<Head> {
    const latest = await this.#head.latest();
    const final = await this.#head.final(latest.number);
    return { latest: refOf(latest), final };
  }

  async block(number: number): Promise<BlockRef | null> {
    const block = await this.#head.blockAt(toQuantity(number));
    return block === null ? null : refOf(block);
  }

  async coinBalance(owner: Address, reading: Reading = {}): Promise<bigint> {
    return await this.#read("eth_getBalance", [owner], reading, readQuantity);
  }

  async isContract(address: Address): Promise<boolean> {
    return (await this.code(address)) !== "0x";
  }

  async code(address: Address): Promise<Hex> {
    return await this.#read("eth_getCode", [address], {}, readHex);
  }

  async call({ to, data, from, amount }: CallRequest, reading: Reading = {}): Promise<Hex> {
    const request = {
      to,
      data,
      ...(from !== undefined && { from }),
      ...(amount !== undefined && { value: toQuantity(amount) }),
    };
    try {
      return await this.#read("eth_call", [request], reading, readHex);
    } catch (error) {
      throw toRevert(error);
    }
  }

  async logs(query: LogQuery): Promise<readonly Log[]> {
    return await readLogsInRange(this.#endpoints, query);
  }

  async coinMoves({ owner, fromBlock, toBlock }: CoinQuery): Promise<readonly CoinMove[]> {
    const moves: CoinMove[] = [];
    for (let first = fromBlock; first <= toBlock; first += BLOCKS_AT_ONCE) {
      const count = Math.min(BLOCKS_AT_ONCE, toBlock - first + 1);
      const blocks = await Promise.all(
        Array.from({ length: count }, (_, at) => this.#head.blockAt(toQuantity(first + at), true)),
      );
      for (const block of blocks) {
        if (block !== null) moves.push(...(await this.#coinMovesIn(block, owner)));
      }
    }
    return moves;
  }

  async simulate(intent: Intent, from: Address): Promise<Simulation> {
    const request = toRequest(intent, from);
    try {
      const result = await this.#endpoints.ask("eth_call", [request, "latest"], readHex);
      const gas = await this.#endpoints.ask("eth_estimateGas", [request], readQuantity);
      return { ok: true, result, gas, moves: movesOf(intent, from) };
    } catch (error) {
      const failure = toRevert(error);
      if (failure instanceof RevertError) {
        const reason = failure.reason ?? "the contract refuses without a reason";
        return { ok: false, code: "reverted", reason, data: failure.data };
      }
      if (isShortOfFunds(error)) {
        const reason = `${this.info.coin.symbol} does not suffice`;
        return { ok: false, code: "insufficient-funds", reason, data: "0x" };
      }
      throw refusalOf(error);
    }
  }

  async nextSequence(owner: Address, reading?: Reading): Promise<number> {
    if (reading !== undefined) {
      return await this.#read("eth_getTransactionCount", [owner], reading, readNumber);
    }
    // Who has not heard of the last transaction yet counts too few: the highest count is right.
    const answers = await this.#endpoints.askAll("eth_getTransactionCount", [owner, "pending"]);
    const counts = answers.flatMap((answer) =>
      "result" in answer ? [readNumber(answer.result)] : [],
    );
    if (counts.length > 0) return Math.max(...counts);
    return await this.#endpoints.ask("eth_getTransactionCount", [owner, "pending"], readNumber);
  }

  async prepare(intent: Intent, options: PrepareOptions): Promise<PreparedTransaction> {
    const { from, replaces, urgency = "normal", maxFee } = options;
    const nonce = replaces?.sequence ?? options.sequence ?? (await this.nextSequence(from));
    const latest = await this.#head.latest();
    const wanted = await estimateGasPrice(this.#endpoints, latest, urgency);
    const price = replaces === undefined ? wanted : outbid(wanted, priceOf(replaces));
    const balance = await this.coinBalance(from);
    const gas = options.gasLimit ?? (await this.#estimateGas(intent, from, latest, balance));
    const highestFee = gas * ceilingOf(price);
    if (maxFee !== undefined && highestFee > maxFee) {
      throw new ChainError(
        "fee-too-high",
        `The fee may be ${this.#coins(highestFee)}, and ${this.#coins(maxFee)} at the most is allowed.`,
      );
    }
    const needed = (intent.amount ?? 0n) + highestFee;
    if (balance < needed) throw this.#shortOfFunds(balance, needed);
    const terms = { chainId: this.info.chainId, nonce, gas, price };
    return buildTransaction(intent, from, terms, gas * expectedPrice(price, latest));
  }

  async sign(prepared: PreparedTransaction, signer: Signer): Promise<SignedTransaction> {
    if (prepared.chainId !== this.info.chainId) {
      throw new RangeError(`This is for chain ${prepared.chainId}, not for ${this.info.chainId}.`);
    }
    return await signTransaction(prepared, signer, this.info.coin);
  }

  async broadcast({ raw }: SignedTransaction): Promise<BroadcastOutcome> {
    const answers = await this.#endpoints.askAll("eth_sendRawTransaction", [raw]);
    return classifyBroadcast(answers, this.info);
  }

  async status(
    id: TransactionId,
    reading: Pick<Reading, "assurance"> = {},
  ): Promise<TransactionStatus> {
    const receipt = await this.#ask("eth_getTransactionReceipt", [id], reading, readReceipt);
    if (receipt === null) {
      const known = await this.#endpoints.ask("eth_getTransactionByHash", [id]);
      return { state: known === null ? "unknown" : "pending" };
    }
    if (receipt.id !== id) {
      throw new ChainError("bad-answer", `A node answers with another receipt than that of ${id}.`);
    }
    const at = toQuantity(receipt.block.number);
    const block = await this.#ask("eth_getBlockByNumber", [at, false], reading, readRef);
    // Between the two questions the block may have been undone.
    if (block === null || block.hash !== receipt.block.hash) return { state: "pending" };
    const latest = await this.#head.latest();
    const final = await this.#head.final(latest.number, reading.assurance);
    return {
      state: "included",
      receipt: { ...receipt, block },
      confirmations: Math.max(1, latest.number - block.number + 1),
      isFinal: block.number <= final.number,
    };
  }

  async request(method: string, params: readonly unknown[]): Promise<unknown> {
    return await this.#endpoints.ask(method, params);
  }

  async requestFaucet(to: Address): Promise<readonly TransactionId[]> {
    if (!this.info.can.faucet) {
      throw new ChainError("unsupported", `${this.info.title} gives no play money away.`);
    }
    const answer = await this.#endpoints.ask("shoal_faucet", [to]);
    const { transactions } = readFields(answer, "gift");
    const ids: readonly unknown[] = Array.isArray(transactions) ? transactions : [];
    return ids.map((id) => toTransactionId(readHex(id)));
  }

  async close(): Promise<void> {
    this.#endpoints.close();
  }

  /** Asks about a state; by quorum, about one that most endpoints have. */
  async #read<T>(
    method: string,
    params: readonly unknown[],
    reading: Reading,
    read: (result: unknown) => T,
  ): Promise<T> {
    const { at = "latest", assurance } = reading;
    const isLatest = at === "latest" && assurance !== "quorum";
    const tag = isLatest ? "latest" : toQuantity(await this.#head.heightOf(reading));
    return await this.#ask(method, [...params, tag], reading, read);
  }

  async #ask<T>(
    method: string,
    params: readonly unknown[],
    { assurance }: Pick<Reading, "assurance">,
    read: (result: unknown) => T,
  ): Promise<T> {
    if (assurance === "quorum") return await this.#endpoints.agree(method, params, read);
    return await this.#endpoints.ask(method, params, read);
  }

  async #coinMovesIn(block: EvmBlock, owner: Address): Promise<CoinMove[]> {
    const moves: CoinMove[] = [];
    for (const each of block.transactions) {
      const { from, to, value, hash } = readFields(each, "transaction");
      const amount = readQuantity(value);
      if (amount === 0n || typeof to !== "string") continue;
      const [sender, receiver] = [readAddress(from), readAddress(to)];
      if (sender !== owner && receiver !== owner) continue;
      const transactionId = toTransactionId(readHex(hash));
      const receipt = readReceipt(
        await this.#endpoints.ask("eth_getTransactionReceipt", [transactionId]),
      );
      if (receipt?.isSuccess !== true) continue;
      const asset = { kind: "coin" } as const;
      moves.push({ asset, from: sender, to: receiver, amount, transactionId, block: refOf(block) });
    }
    return moves;
  }

  async #estimateGas(
    intent: Intent,
    from: Address,
    latest: EvmBlock,
    balance: bigint,
  ): Promise<bigint> {
    const amount = intent.amount ?? 0n;
    if (balance < amount) throw this.#shortOfFunds(balance, amount);
    try {
      const request = toRequest(intent, from);
      const estimate = await this.#endpoints.ask("eth_estimateGas", [request], readQuantity);
      if (intent.kind === "transfer" && estimate <= TRANSFER_GAS) return TRANSFER_GAS;
      const gas = ceilPercent(estimate, GAS_MARGIN_PERCENT);
      return gas < latest.gasLimit ? gas : latest.gasLimit;
    } catch (error) {
      if (isShortOfFunds(error)) throw this.#shortOfFunds(balance, amount);
      throw refusalOf(toRevert(error));
    }
  }

  #shortOfFunds(balance: bigint, needed: bigint): ChainError {
    const { title, coin } = this.info;
    return new ChainError(
      "insufficient-funds",
      `${this.#coins(balance)} are there, and up to ${this.#coins(needed)} are needed, fee included. ` +
        `Fees on ${title} are paid in ${coin.symbol}.`,
    );
  }

  #coins(amount: bigint): string {
    return `${formatAmount(amount, this.info.coin.decimals)} ${this.info.coin.symbol}`;
  }
}

function toRequest(intent: Intent, from: Address) {
  const { to, value, data } = targetOf(intent);
  return {
    from,
    ...(to !== undefined && { to }),
    ...(value > 0n && { value: toQuantity(value) }),
    ...(data !== undefined && { data }),
  };
}
