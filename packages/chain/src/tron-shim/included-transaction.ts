import type { Address, Hex } from "../network/address.ts";
import type { TronTransaction } from "../tron/transaction.ts";
import type { VmLog, VmResult } from "./vm.ts";

/** A transaction in a block, and what became of it. */
export interface IncludedTransaction {
  readonly id: string;
  readonly transaction: TronTransaction;
  readonly blockNumber: number;
  readonly blockTimestampMs: number;
  /** Null for a transfer, which either succeeds or is in no block. */
  readonly execution: {
    readonly result: VmResult;
    readonly contract: Address;
    readonly output: Hex;
    readonly energy: bigint;
    /** What of the energy was the owner's by his stake. */
    readonly energyOfStake: bigint;
    readonly energyFeeSun: bigint;
  } | null;
  readonly netUsage: number;
  readonly netFeeSun: bigint;
  /** All that it cost. */
  readonly feeSun: bigint;
  readonly logs: readonly VmLog[];
}
