import { createHash } from "node:crypto";
import type { Clock, Random } from "@shoal/runtime";
import { type Address, toAddress } from "../network/address.ts";
import { tronContractAddress } from "../tron/address.ts";
import type { TronDeployment } from "../tron/contract-codec.ts";
import {
  encodeTronTransaction,
  tronTransactionId,
  type TronTransaction,
} from "../tron/transaction.ts";
import { admit } from "./admission.ts";
import { FreeBandwidth } from "./bandwidth.ts";
import { type ChainParameters, MAIN_NETWORK_PARAMETERS } from "./chain-parameters.ts";
import type { IncludedTransaction } from "./included-transaction.ts";
import type { Refusal } from "./refusal.ts";
import { settle, type ChainView, type Settlement } from "./settlement.ts";
import { blockId, refBlockBytes, type ShimBlock } from "./shim-block.ts";
import { ShimVm, type VmCall, type VmOutcome } from "./vm.ts";

export interface ShimOptions {
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Pick<Random, "bytes">;
  /** `instant`: what is broadcast is in a block at once. `manual`: it waits for `mine`. */
  readonly mining?: "instant" | "manual";
  /** Accounts that exist from the start, with energy that they need not pay for. */
  readonly accounts?: readonly {
    readonly address: Address;
    readonly balanceSun: bigint;
    readonly stakedEnergy?: bigint;
  }[];
  readonly parameters?: Partial<ChainParameters>;
  /** Blocks on top until a block is solid: 18 on the main network, two thirds of its 27 producers. */
  readonly solidAfterBlocks?: number;
}

export interface ShimContract {
  readonly address: Address;
  readonly transactionId: string;
  readonly deployment: TronDeployment;
}

const DEFAULT_SOLID_AFTER = 18;
/** Blocks that a transaction may build on, since it names two bytes of their number. */
const RECENT_BLOCKS = 0x1_0000;
/** Transactions that wait; a node with more says that it is busy. */
const MAX_PENDING = 2000;
/** What simulations may use, as `triggerconstantcontract` allows. */
export const SIMULATION_ENERGY = 100_000_000n;

/**
 * TRON's chain as far as wallets meet it, in front of an EVM: **an emulation, and no TVM**. Everything is in memory.
 * Calls are carried out in order.
 */
export class ShimChain {
  readonly parameters: ChainParameters;
  /** What `CHAINID` gives: the last 4 bytes of the first block's id. */
  readonly chainId: number;
  readonly #vm: ShimVm;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #mining: "instant" | "manual";
  readonly #solidAfter: number;
  readonly #witness: Address;
  readonly #bandwidth: FreeBandwidth;
  readonly #blocks: ShimBlock[];
  readonly #included = new Map<string, IncludedTransaction>();
  readonly #pending = new Map<string, TronTransaction>();
  readonly #accounts = new Set<Address>();
  readonly #stakes = new Map<Address, bigint>();
  readonly #contracts = new Map<Address, ShimContract>();
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(vm: ShimVm, genesis: ShimBlock, options: ShimOptions) {
    this.#vm = vm;
    this.#blocks = [genesis];
    this.#witness = genesis.witness;
    this.chainId = chainIdOf(genesis);
    this.parameters = { ...MAIN_NETWORK_PARAMETERS, ...options.parameters };
    this.#clock = options.clock;
    this.#mining = options.mining ?? "instant";
    this.#solidAfter = options.solidAfterBlocks ?? DEFAULT_SOLID_AFTER;
    this.#bandwidth = new FreeBandwidth(this.parameters.freeNetLimit);
  }

  /** Starts a chain that nobody else has: its first block is drawn by chance. */
  static async open(options: ShimOptions): Promise<ShimChain> {
    const hex = (length: number) => Buffer.from(options.random.bytes(length)).toString("hex");
    const header = {
      number: 0,
      parentId: hex(32),
      timestampMs: options.clock.nowMs(),
      witness: toAddress(`0x${hex(20)}`),
      txTrieRoot: "0".repeat(64),
    };
    const genesis: ShimBlock = { ...header, id: blockId(header), transactions: [] };
    const energyPriceSun = options.parameters?.energyFeeSun ?? MAIN_NETWORK_PARAMETERS.energyFeeSun;
    const vm = await ShimVm.open({
      chainId: chainIdOf(genesis),
      genesisMs: genesis.timestampMs,
      energyPriceSun,
    });
    const chain = new ShimChain(vm, genesis, options);
    for (const { address, balanceSun, stakedEnergy } of options.accounts ?? []) {
      chain.#accounts.add(address);
      await vm.setBalance(address, balanceSun);
      if (stakedEnergy !== undefined) chain.#stakes.set(address, stakedEnergy);
    }
    // Nodes leave a number of 0 out, so that wallets cannot build on the first block.
    await chain.mine();
    return chain;
  }

  get head(): ShimBlock {
    return this.#blocks.at(-1) as ShimBlock;
  }

  /** The newest block that will not be undone. */
  get solid(): ShimBlock {
    return this.#blocks[Math.max(0, this.head.number - this.#solidAfter)] as ShimBlock;
  }

  block(number: number): ShimBlock | null {
    return this.#blocks[number] ?? null;
  }

  blockById(id: string): ShimBlock | null {
    const block = /^[0-9a-f]{64}$/.test(id)
      ? this.block(Number.parseInt(id.slice(0, 16), 16))
      : null;
    return block?.id === id ? block : null;
  }

  /** A transaction in a block. */
  find(id: string): IncludedTransaction | null {
    return this.#included.get(id) ?? null;
  }

  /** A transaction that waits. */
  findPending(id: string): TronTransaction | null {
    return this.#pending.get(id) ?? null;
  }

  /** Every transaction of every block, oldest first. */
  transactions(): IterableIterator<IncludedTransaction> {
    return this.#included.values();
  }

  contract(address: Address): ShimContract | null {
    return this.#contracts.get(address) ?? null;
  }

  exists(address: Address): boolean {
    return this.#accounts.has(address);
  }

  stakedEnergy(address: Address): bigint {
    return this.#stakes.get(address) ?? 0n;
  }

  freeNetUsed(address: Address): number {
    return this.#bandwidth.used(address, this.#nextTimeMs());
  }

  /** @param block The newest when absent. */
  balance(address: Address, block?: number): Promise<bigint> {
    return this.#inOrder(() => this.#vm.balance(address, block));
  }

  code(address: Address): Promise<string> {
    return this.#inOrder(() => this.#vm.code(address));
  }

  /** What a call or deployment would do now. */
  simulate(call: VmCall): Promise<VmOutcome> {
    return this.#inOrder(() => this.#vm.simulate(call, SIMULATION_ENERGY, this.#nextTimeMs()));
  }

  /** What a call would have returned in that block. */
  callAt(call: VmCall, block: number): Promise<VmOutcome> {
    return this.#inOrder(() => this.#vm.callAt(call, block));
  }

  /**
   * Takes a transaction, or says why not.
   * @returns null when it was taken.
   */
  broadcast(transaction: TronTransaction): Promise<Refusal | null> {
    return this.#inOrder(async () => {
      const id = tronTransactionId(transaction.rawData);
      const view = {
        headTimeMs: this.head.timestampMs,
        nextTimeMs: this.#nextTimeMs(),
        isKnown: (known: string) => this.#included.has(known) || this.#pending.has(known),
        recentBlockId: (bytes: string) => this.#recentBlockId(bytes),
      };
      const refusal = await admit(id, transaction, view);
      if (refusal !== null) return refusal;
      if (this.#pending.size >= MAX_PENDING) {
        return { code: "OTHER_ERROR", message: "Too many pending." } as const;
      }
      const settlement = await settle(transaction, this.#view());
      if ("code" in settlement) return settlement;
      if (this.#mining === "manual") this.#pending.set(id, transaction);
      else await this.#include(id, transaction, settlement);
      return null;
    });
  }

  /**
   * Makes a block of each transaction that waits, or an empty one when none does, and as many empty ones as asked for
   * on top. A transaction that is void by now is dropped, as nodes do.
   */
  mine(emptyBlocks = 0): Promise<ShimBlock> {
    return this.#inOrder(async () => {
      const waiting = [...this.#pending];
      this.#pending.clear();
      for (const [id, transaction] of waiting) {
        if (transaction.raw.expirationMs <= this.#nextTimeMs()) continue;
        const settlement = await settle(transaction, this.#view());
        if (!("code" in settlement)) await this.#include(id, transaction, settlement);
      }
      const empty = emptyBlocks + (waiting.length === 0 ? 1 : 0);
      for (let made = 0; made < empty; made++) {
        const timeMs = this.#nextTimeMs();
        await this.#vm.mine(timeMs);
        this.#append(timeMs, []);
      }
      return this.head;
    });
  }

  async #include(id: string, transaction: TronTransaction, settled: Settlement): Promise<void> {
    const timeMs = this.#nextTimeMs();
    const { contract, netUsage, netFeeSun } = settled;
    if (netUsage > 0) this.#bandwidth.use(contract.owner, netUsage, timeMs);
    await this.#charge(contract.owner, settled.feeSun);
    const done = { id, transaction, netUsage, netFeeSun, blockNumber: this.head.number + 1 };
    if (contract.kind === "transfer") {
      await this.#charge(contract.owner, contract.amountSun);
      await this.#vm.setBalance(
        contract.to,
        (await this.#vm.balance(contract.to)) + contract.amountSun,
      );
      this.#accounts.add(contract.to);
      await this.#vm.mine(timeMs);
      const { feeSun } = settled;
      this.#append(timeMs, [
        { ...done, blockTimestampMs: timeMs, execution: null, feeSun, logs: [] },
      ]);
      return;
    }
    const isDeployment = contract.kind === "deploy";
    const target = isDeployment ? tronContractAddress(id, contract.owner) : contract.contract;
    const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}` as const;
    const outcome = await this.#vm.execute(
      {
        from: contract.owner,
        to: target,
        valueSun: contract.callValueSun,
        data: isDeployment ? "0x" : hex(contract.data),
        ...(isDeployment && { initCode: hex(contract.bytecode) }),
      },
      settled.energyLimit,
      timeMs,
    );
    const stake = this.stakedEnergy(contract.owner);
    const energyOfStake = outcome.energy < stake ? outcome.energy : stake;
    const energyFeeSun = (outcome.energy - energyOfStake) * this.parameters.energyFeeSun;
    await this.#charge(contract.owner, energyFeeSun);
    if (isDeployment && outcome.result === "SUCCESS") {
      this.#contracts.set(target, { address: target, transactionId: id, deployment: contract });
      this.#accounts.add(target);
    }
    const { result, output, energy } = outcome;
    this.#append(timeMs, [
      {
        ...done,
        blockTimestampMs: timeMs,
        execution: { result, contract: target, output, energy, energyOfStake, energyFeeSun },
        feeSun: settled.feeSun + energyFeeSun,
        logs: outcome.logs,
      },
    ]);
  }

  #append(timestampMs: number, transactions: readonly IncludedTransaction[]): void {
    const header = {
      number: this.head.number + 1,
      parentId: this.head.id,
      timestampMs,
      witness: this.#witness,
      txTrieRoot: trieRootOf(transactions),
    };
    this.#blocks.push({ ...header, id: blockId(header), transactions });
    for (const transaction of transactions) this.#included.set(transaction.id, transaction);
  }

  async #charge(owner: Address, sun: bigint): Promise<void> {
    if (sun > 0n) await this.#vm.setBalance(owner, (await this.#vm.balance(owner)) - sun);
  }

  #view(): ChainView {
    return {
      parameters: this.parameters,
      bandwidth: this.#bandwidth,
      timeMs: this.#nextTimeMs(),
      exists: (address) => this.exists(address),
      isContract: (address) => this.#contracts.has(address),
      balance: (address) => this.#vm.balance(address),
      stakedEnergy: (address) => this.stakedEnergy(address),
    };
  }

  #nextTimeMs(): number {
    return Math.max(this.#clock.nowMs(), this.head.timestampMs + 1);
  }

  #recentBlockId(bytes: string): string | null {
    const low = Number.parseInt(bytes, 16);
    const head = this.head.number;
    const number = head - ((((head - low) % RECENT_BLOCKS) + RECENT_BLOCKS) % RECENT_BLOCKS);
    const block = this.block(number);
    return block !== null && refBlockBytes(block.number) === bytes ? block.id : null;
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => {});
    return turn;
  }
}

function chainIdOf(genesis: ShimBlock): number {
  return Number.parseInt(genesis.id.slice(-8), 16);
}

function trieRootOf([transaction]: readonly IncludedTransaction[]): string {
  if (transaction === undefined) return "0".repeat(64);
  const { rawData, signatures } = transaction.transaction;
  return createHash("sha256").update(encodeTronTransaction(rawData, signatures)).digest("hex");
}
