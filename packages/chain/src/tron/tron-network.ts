import type { Signer } from "../accounts/signer.ts";
import { ChainError, RevertError } from "../errors.ts";
import { refusalOf, toRevert } from "../evm/evm-errors.ts";
import {
  type Address,
  type Hex,
  toTransactionId,
  type TransactionId,
  ZERO_ADDRESS,
} from "../network/address.ts";
import { formatAmount } from "../network/amount.ts";
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
import { readIndexedCoinMoves, readIndexedTransfers } from "./account-index.ts";
import { formatTronAddress, parseTronAddress, tronAddressHex } from "./address.ts";
import {
  type BroadcastAnswer,
  classifyBroadcast,
  readBroadcastAnswer,
} from "./broadcast-outcome.ts";
import { buildTransaction, signTransaction } from "./build-transaction.ts";
import { readCoinMoves } from "./coin-moves.ts";
import { readAmount, readFields, readHex, readList, readTronBlock } from "./read-node.ts";
import { readStatus } from "./read-status.ts";
import { feeOf, readPrices, readResources, type TronFee } from "./tron-fees.ts";
import { readTronLogs } from "./tron-logs.ts";
import { movesOfTrial, runTrial, tryCall } from "./trial.ts";

/**
 * How long a transaction may be included: as long as whoever was killed or cut off may need to send it again, and no
 * longer, since only then it is certain that it never will be. Nodes take up to a day.
 */
const LIFETIME_MS = 3 * 60_000;

export interface TronNetworkOptions {
  readonly info: NetworkInfo;
  readonly endpoints: Endpoints;
  /** Makes two transactions of the same content different. The chain's own time, and a count, when absent. */
  readonly nowMs?: () => number;
}

/**
 * TRON, over its nodes' HTTP API. Transactions are built and checked here; nodes are asked for the state, and handed
 * what is signed. Accounts do not number their transactions there: each has an expiry instead, and as long as that is
 * not finally past, nobody may take it as lost.
 */
export class TronNetwork implements Network {
  readonly info: NetworkInfo;
  readonly #endpoints: Endpoints;
  readonly #nowMs: (() => number) | null;
  #lastTimestampMs = 0;

  constructor({ info, endpoints, nowMs }: TronNetworkOptions) {
    this.info = info;
    this.#endpoints = endpoints;
    this.#nowMs = nowMs ?? null;
  }

  parseAddress(text: string): Address {
    return parseTronAddress(text);
  }

  formatAddress(address: Address): string {
    return formatTronAddress(address);
  }

  formatTransactionId(id: TransactionId): string {
    return id.slice(2);
  }

  async head(): Promise<Head> {
    const [latest, final] = await Promise.all([
      this.#blockOf("wallet/getblock", {}),
      this.#blockOf("walletsolidity/getblock", {}),
    ]);
    if (latest === null || final === null) {
      throw new ChainError("bad-answer", `${this.info.title} has no block at all.`);
    }
    return { latest, final };
  }

  async block(number: number): Promise<BlockRef | null> {
    return await this.#blockOf("wallet/getblock", { id_or_num: String(number) });
  }

  async coinBalance(owner: Address, reading: Reading = {}): Promise<bigint> {
    const params = [{ address: tronAddressHex(owner) }];
    const read = (answer: unknown) => readAmount(readFields(answer, "account")["balance"] ?? 0);
    return await this.#read("getaccount", params, reading, read);
  }

  async isContract(address: Address): Promise<boolean> {
    const request = { value: tronAddressHex(address) };
    const answer = readFields(
      await this.#endpoints.ask("wallet/getcontract", [request]),
      "contract",
    );
    return answer["bytecode"] !== undefined || answer["contract_address"] !== undefined;
  }

  async call(request: CallRequest, reading: Reading = {}): Promise<Hex> {
    const params = [
      {
        owner_address: tronAddressHex(request.from ?? ZERO_ADDRESS),
        contract_address: tronAddressHex(request.to),
        data: request.data.slice(2),
        call_value: Number(request.amount ?? 0n),
      },
    ];
    try {
      return await this.#read("triggerconstantcontract", params, reading, tryCall);
    } catch (error) {
      throw toRevert(error);
    }
  }

  async logs(query: LogQuery): Promise<readonly Log[]> {
    const indexed = await readIndexedTransfers(this.#endpoints, query);
    return indexed ?? (await readTronLogs(this.#endpoints, query));
  }

  async coinMoves(query: CoinQuery): Promise<readonly CoinMove[]> {
    const indexed = await readIndexedCoinMoves(this.#endpoints, query);
    return indexed ?? (await readCoinMoves(this.#endpoints, query));
  }

  async simulate(intent: Intent, from: Address): Promise<Simulation> {
    const balance = await this.coinBalance(from);
    const needed = intent.amount ?? 0n;
    if (balance < needed) {
      const reason = `${this.#coins(balance)} are there, and ${this.#coins(needed)} are to be sent`;
      return { ok: false, code: "insufficient-funds", reason, data: "0x" };
    }
    if (intent.kind === "transfer") {
      const moves = movesOfTrial(intent, from, []);
      return { ok: true, result: "0x", gas: 0n, moves };
    }
    try {
      const trial = await runTrial(this.#endpoints, intent, from);
      const moves = movesOfTrial(intent, from, trial.logs);
      return { ok: true, result: trial.output, gas: trial.energy, moves };
    } catch (error) {
      const failure = toRevert(error);
      if (!(failure instanceof RevertError)) throw refusalOf(error);
      const reason = failure.reason ?? "the contract refuses without a reason";
      return { ok: false, code: "reverted", reason, data: failure.data };
    }
  }

  /** Transactions have no numbers here. */
  async nextSequence(): Promise<null> {
    return null;
  }

  async prepare(intent: Intent, options: PrepareOptions): Promise<PreparedTransaction> {
    const { from, maxFee, replaces, gasLimit } = options;
    if (replaces !== undefined) {
      throw new ChainError(
        "unsupported",
        `${this.info.title} does not let a transaction take another's place.`,
      );
    }
    const [{ latest, final }, balance, fee] = await Promise.all([
      this.head(),
      this.coinBalance(from),
      this.#estimate(intent, from, gasLimit),
    ]);
    if (maxFee !== undefined && fee.maxSun > maxFee) {
      throw new ChainError(
        "fee-too-high",
        `The fee may be ${this.#coins(fee.maxSun)}, and ${this.#coins(maxFee)} at the most is allowed.`,
      );
    }
    const needed = (intent.amount ?? 0n) + fee.maxSun;
    // What is expected suffices where energy of a stake pays: the fee limit is a bound, and is not taken in advance.
    const least = (intent.amount ?? 0n) + fee.expectedSun;
    if (balance < least) {
      throw new ChainError(
        "insufficient-funds",
        `${this.#coins(balance)} are there, and up to ${this.#coins(needed)} are needed, fee included. ` +
          `Fees on ${this.info.title} are paid in ${this.info.coin.symbol}.`,
      );
    }
    return buildTransaction(intent, from, {
      chainId: this.info.chainId,
      // Final blocks are known to every node, and are on whichever branch wins.
      reference: final,
      timestampMs: this.#timestampAfter(latest.timeMs),
      expiresAtMs: latest.timeMs + LIFETIME_MS,
      feeLimitSun: fee.feeLimitSun,
      maxFeeSun: fee.maxSun,
      expectedFeeSun: fee.expectedSun,
    });
  }

  async sign(prepared: PreparedTransaction, signer: Signer): Promise<SignedTransaction> {
    if (prepared.chainId !== this.info.chainId) {
      throw new RangeError(`This is for chain ${prepared.chainId}, not for ${this.info.chainId}.`);
    }
    return await signTransaction(prepared, signer, this.info.coin);
  }

  async broadcast(transaction: SignedTransaction): Promise<BroadcastOutcome> {
    const request = { transaction: transaction.raw.slice(2) };
    const answers = await this.#endpoints.askAll("wallet/broadcasthex", [request]);
    const read = answers.map(readBroadcastAnswer);
    const expired = read.find((answer) => answer.kind === "expired");
    const isTaken = read.some(({ kind }) => kind === "taken");
    if (expired === undefined || isTaken) return classifyBroadcast(read, this.info);
    return await this.#settleExpired(transaction, expired);
  }

  async status(
    id: TransactionId,
    reading: Pick<Reading, "assurance"> = {},
  ): Promise<TransactionStatus> {
    return await readStatus(this.#endpoints, id, reading);
  }

  async requestFaucet(to: Address): Promise<readonly TransactionId[]> {
    if (!this.info.can.faucet) {
      throw new ChainError("unsupported", `${this.info.title} gives no play money away here.`);
    }
    const request = { address: tronAddressHex(to) };
    const answer = readFields(await this.#endpoints.ask("shim/faucet", [request]), "gift");
    return readList(answer["transactions"]).map((id) => toTransactionId(readHex(id)));
  }

  async close(): Promise<void> {
    this.#endpoints.close();
  }

  /**
   * It expired, or so nodes say. Only when most of them have final blocks from after its expiry, and not it, it never
   * will be there: to take it for lost any sooner would be to pay twice.
   */
  async #settleExpired(
    { id, prepared }: SignedTransaction,
    { reason }: BroadcastAnswer & { kind: "expired" },
  ): Promise<BroadcastOutcome> {
    const expiresAtMs = prepared.expiresAtMs ?? Number.POSITIVE_INFINITY;
    // The order matters: what was not there once the chain was past its expiry, never will be.
    const heads = await this.#endpoints.askAll("walletsolidity/getblock", [{ detail: false }]);
    const past = new Set(
      heads.flatMap((head) => {
        if ("error" in head) return [];
        const block = readTronBlock(head.result);
        return block !== null && block.timeMs > expiresAtMs ? [head.endpoint] : [];
      }),
    );
    const found = await this.#endpoints.askAll("wallet/gettransactionbyid", [
      { value: id.slice(2) },
    ]);
    let absent = 0;
    for (const each of found) {
      if ("error" in each) continue;
      if (readFields(each.result, "transaction")["txID"] !== undefined)
        return { state: "accepted" };
      if (past.has(each.endpoint)) absent++;
    }
    if (absent >= this.#endpoints.quorum) return { state: "stale", reason };
    throw new ChainError(
      "unreachable",
      `${this.info.title} does not take the transaction any more, and it is not certain yet that it never was taken. ` +
        "It is looked for until it is.",
    );
  }

  async #estimate(intent: Intent, from: Address, gasLimit: bigint | undefined): Promise<TronFee> {
    const [prices, resources, makesAccount, energy] = await Promise.all([
      readPrices(this.#endpoints),
      readResources(this.#endpoints, from),
      intent.kind === "transfer" ? this.#isNew(intent.to) : false,
      this.#energyOf(intent, from, gasLimit),
    ]);
    const fee = feeOf(intent, from, energy, makesAccount, prices, resources);
    if (fee.feeLimitSun > prices.maxFeeLimitSun) {
      throw new ChainError(
        "fee-too-high",
        `This takes up to ${this.#coins(fee.feeLimitSun)} of energy, more than ${this.info.title} allows for one transaction.`,
      );
    }
    return fee;
  }

  async #energyOf(
    intent: Intent,
    from: Address,
    gasLimit: bigint | undefined,
  ): Promise<bigint | null> {
    if (intent.kind === "transfer") return null;
    if (gasLimit !== undefined) return gasLimit;
    try {
      return (await runTrial(this.#endpoints, intent, from)).energy;
    } catch (error) {
      throw refusalOf(toRevert(error));
    }
  }

  async #isNew(address: Address): Promise<boolean> {
    const request = { address: tronAddressHex(address) };
    const answer = await this.#endpoints.ask("wallet/getaccount", [request]);
    return readFields(answer, "account")["address"] === undefined;
  }

  async #blockOf(method: string, request: object): Promise<BlockRef | null> {
    return readTronBlock(await this.#endpoints.ask(method, [{ ...request, detail: false }]));
  }

  /** Asks about the newest state, or the final one; by quorum always about the final one, which most nodes have. */
  async #read<T>(
    method: string,
    params: readonly unknown[],
    { at = "latest", assurance }: Reading,
    read: (answer: unknown) => T,
  ): Promise<T> {
    if (typeof at === "number") {
      throw new ChainError(
        "unsupported",
        `Nodes of ${this.info.title} do not tell earlier states.`,
      );
    }
    if (assurance === "quorum") {
      return await this.#endpoints.agree(`walletsolidity/${method}`, params, read);
    }
    const path = at === "final" ? `walletsolidity/${method}` : `wallet/${method}`;
    return read(await this.#endpoints.ask(path, params));
  }

  #timestampAfter(timeMs: number): number {
    const now = this.#nowMs?.() ?? timeMs;
    this.#lastTimestampMs = Math.max(now, this.#lastTimestampMs + 1);
    return this.#lastTimestampMs;
  }

  #coins(amount: bigint): string {
    return `${formatAmount(amount, this.info.coin.decimals)} ${this.info.coin.symbol}`;
  }
}
