import { type Address, type Hex, toAddress } from "../network/address.ts";
import { type EvmRequest, openEvm } from "./edr.ts";
import { energyOfTrace, type Trace } from "./energy.ts";

/** How an execution ended, by the names of TRON's `contractResult`. */
export type VmResult =
  | "SUCCESS"
  | "REVERT"
  | "OUT_OF_ENERGY"
  | "OUT_OF_TIME"
  | "ILLEGAL_OPERATION"
  | "UNKNOWN";

export interface VmLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

export interface VmOutcome {
  readonly result: VmResult;
  readonly energy: bigint;
  /** What it returned, or the error that it reverted with. */
  readonly output: Hex;
  /** Empty unless it succeeded. */
  readonly logs: readonly VmLog[];
}

export interface VmCall {
  readonly from: Address;
  readonly to: Address;
  readonly valueSun: bigint;
  readonly data: Hex;
  /** Init code to be executed at `to`, whose answer becomes the code there. */
  readonly initCode?: Hex;
}

/** Stands in for the TVM's 80 milliseconds: what needs more is `OUT_OF_TIME`. */
const MAX_GAS = 10_000_000n;
/** Gas that an EVM takes before the first step, for the longest call that there can be. */
const INTRINSIC_GAS = 21_000n;
const GAS_PER_BYTE = 16n;
const CODE_DEPOSIT_PER_BYTE = 200n;

/** What failed without a word. */
const FAILED = { output: "0x", logs: [] } as const;

interface EvmReceipt {
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly logs: readonly VmLog[];
}

/**
 * The virtual machine of the emulation: **an EVM, not a TVM**. One block of TRON is one block of it, with one
 * transaction at most, so that numbers and times are the same within contracts and without. Balances are in sun.
 */
export class ShimVm {
  readonly #ask: EvmRequest;
  readonly #energyPriceSun: bigint;

  private constructor(ask: EvmRequest, energyPriceSun: bigint) {
    this.#ask = ask;
    this.#energyPriceSun = energyPriceSun;
  }

  /** @param options.genesisMs The time of block 0. */
  static async open(options: {
    readonly chainId: number;
    readonly genesisMs: number;
    readonly energyPriceSun: bigint;
  }): Promise<ShimVm> {
    return new ShimVm(await openEvm(options), options.energyPriceSun);
  }

  /** @param block The newest when absent. */
  async balance(address: Address, block?: number): Promise<bigint> {
    return BigInt(await this.#ask<Hex>("eth_getBalance", [address, tagOf(block)]));
  }

  async setBalance(address: Address, sun: bigint): Promise<void> {
    await this.#ask("hardhat_setBalance", [address, quantity(sun)]);
  }

  async code(address: Address): Promise<Hex> {
    return this.#ask<Hex>("eth_getCode", [address, "latest"]);
  }

  /** A block without a transaction of contracts. */
  async mine(timeMs: number): Promise<void> {
    await this.#prepareBlock(timeMs);
    await this.#ask("evm_mine", []);
  }

  /**
   * A block that executes a call, or a deployment. What it moves is moved when it succeeds; energy is not paid for
   * here, whoever calls charges it.
   */
  async execute(call: VmCall, energyLimit: bigint, timeMs: number): Promise<VmOutcome> {
    const snapshot = await this.#ask<Hex>("evm_snapshot", []);
    const outcome = await this.#run(call, energyLimit, timeMs);
    if (outcome.result === "SUCCESS") return outcome;
    await this.#ask("evm_revert", [snapshot]);
    await this.mine(timeMs);
    return { ...outcome, logs: [] };
  }

  /** What a call would do now, changing nothing; `timeMs` is that of the block that it would be in. */
  async simulate(call: VmCall, energyLimit: bigint, timeMs: number): Promise<VmOutcome> {
    const snapshot = await this.#ask<Hex>("evm_snapshot", []);
    try {
      return await this.#run(call, energyLimit, timeMs);
    } finally {
      await this.#ask("evm_revert", [snapshot]);
    }
  }

  /** What a call would have returned in an earlier block. Its entries are not told. */
  async callAt({ from, to, data, valueSun }: VmCall, block: number): Promise<VmOutcome> {
    const trace = await this.#ask<Trace>("debug_traceCall", [
      { from, to, data, value: quantity(valueSun), gas: quantity(MAX_GAS) },
      tagOf(block),
      { disableMemory: true, disableStorage: true },
    ]);
    const output: Hex = `0x${trace.returnValue.replace(/^0x/, "")}`;
    const result = trace.failed ? resultOf(trace) : "SUCCESS";
    return { result, energy: energyOfTrace(trace), output, logs: [] };
  }

  async #run(call: VmCall, energyLimit: bigint, timeMs: number): Promise<VmOutcome> {
    const { from, to, initCode } = call;
    if (initCode !== undefined) {
      await this.#ask("hardhat_setCode", [to, initCode]);
      await this.#ask("hardhat_setNonce", [to, "0x1"]);
    }
    // The price of gas is the price of energy, since contracts can see it. The EVM takes it in advance: that much is
    // lent, and what is left is taken back below, so that contracts see the right balance meanwhile.
    const gas = MAX_GAS + INTRINSIC_GAS + GAS_PER_BYTE * BigInt(call.data.length / 2);
    const before = await this.balance(from);
    await this.setBalance(from, before + gas * this.#energyPriceSun);
    await this.#ask("hardhat_impersonateAccount", [from]);
    await this.#prepareBlock(timeMs);
    const hash = await this.#ask<Hex>("eth_sendTransaction", [
      {
        from,
        to,
        data: call.data,
        value: quantity(call.valueSun),
        gas: quantity(gas),
        gasPrice: quantity(this.#energyPriceSun),
      },
    ]);
    await this.#ask("evm_mine", []);
    const receipt = await this.#ask<EvmReceipt>("eth_getTransactionReceipt", [hash]);
    const gasUsed = BigInt(receipt.gasUsed);
    const unspent = (gas - gasUsed) * this.#energyPriceSun;
    await this.setBalance(from, (await this.balance(from)) - unspent);
    // Who takes all of it would have gone on; and its trace would not fit into memory.
    if (gasUsed === gas) return { ...FAILED, result: "OUT_OF_TIME", energy: energyLimit };
    const trace = await this.#trace(hash);
    const output: Hex = `0x${trace.returnValue.replace(/^0x/, "")}`;
    const isSuccess = receipt.status === "0x1";
    const deposit =
      isSuccess && initCode !== undefined
        ? CODE_DEPOSIT_PER_BYTE * BigInt((output.length - 2) / 2)
        : 0n;
    const energy = energyOfTrace(trace) + deposit;
    const result = isSuccess ? "SUCCESS" : resultOf(trace);
    if (result !== "SUCCESS" && result !== "REVERT") {
      return { ...FAILED, result, energy: energyLimit };
    }
    if (energy > energyLimit) return { ...FAILED, result: "OUT_OF_ENERGY", energy: energyLimit };
    if (isSuccess && initCode !== undefined) await this.#ask("hardhat_setCode", [to, output]);
    return { result, energy, output, logs: receipt.logs.map(logOf) };
  }

  async #trace(hash: Hex): Promise<Trace> {
    const options = { disableMemory: true, disableStorage: true };
    return this.#ask<Trace>("debug_traceTransaction", [hash, options]);
  }

  async #prepareBlock(timeMs: number): Promise<void> {
    const seconds = BigInt(Math.floor(timeMs / 1000));
    await this.#ask("evm_setNextBlockTimestamp", [quantity(seconds)]);
    await this.#ask("hardhat_setNextBlockBaseFeePerGas", [quantity(this.#energyPriceSun)]);
    // DIFFICULTY is always 0 on TRON; an EVM has a random number in its place.
    await this.#ask("hardhat_setPrevRandao", [`0x${"0".repeat(64)}`]);
  }
}

/** How what did not take all of its gas failed. */
function resultOf(trace: Trace): VmResult {
  const last = trace.structLogs.at(-1)?.op;
  if (last === "REVERT") return "REVERT";
  return last === "INVALID" ? "ILLEGAL_OPERATION" : "UNKNOWN";
}

function logOf({ address, topics, data }: VmLog): VmLog {
  return { address: toAddress(address), topics, data };
}

function tagOf(block: number | undefined): string {
  return block === undefined ? "latest" : quantity(BigInt(block));
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
