import type { Address } from "../network/address.ts";
import { formatTronAddress } from "../tron/address.ts";
import type {
  TronContract,
  TronDeployment,
  TronTransfer,
  TronTrigger,
} from "../tron/contract-codec.ts";
import { tronBandwidthBytes, type TronTransaction } from "../tron/transaction.ts";
import type { FreeBandwidth } from "./bandwidth.ts";
import type { ChainParameters } from "./chain-parameters.ts";
import { type Refusal, refuseContract, REFUSALS } from "./refusal.ts";

/** What a check needs to know of the chain. */
export interface ChainView {
  readonly parameters: ChainParameters;
  readonly bandwidth: FreeBandwidth;
  /** The time of the block that the transaction would be in. */
  readonly timeMs: number;
  exists(address: Address): boolean;
  isContract(address: Address): boolean;
  balance(address: Address): Promise<bigint>;
  /** Energy that an account has by its stake. */
  stakedEnergy(address: Address): bigint;
}

/** What a transaction costs before it is executed, and how much energy it may use. */
export interface Settlement {
  readonly contract: TronTransfer | TronTrigger | TronDeployment;
  readonly netUsage: number;
  readonly netFeeSun: bigint;
  /** Bandwidth's, the memo's, and a new account's together. */
  readonly feeSun: bigint;
  readonly energyLimit: bigint;
}

const MAX_NAME_BYTES = 32;

/**
 * Checks what a transaction takes and does against the accounts' state, in the node's order and words.
 * @see java-tron, `BandwidthProcessor`, `TransferActuator`, `VMActuator`
 */
export async function settle(
  transaction: TronTransaction,
  view: ChainView,
): Promise<Settlement | Refusal> {
  const { raw } = transaction;
  const { contract } = raw;
  if (contract.kind === "other") {
    return refuseContract(`this emulation does not execute ${contract.typeName}`);
  }
  const { owner } = contract;
  const { parameters } = view;
  if (!view.exists(owner)) {
    return refuseContract(`account [${formatTronAddress(owner)}] does not exist`);
  }
  const bytes = tronBandwidthBytes(transaction.rawData, transaction.signatures);
  const createsAccount = contract.kind === "transfer" && !view.exists(contract.to);
  const isFree = !createsAccount && view.bandwidth.allows(owner, bytes, view.timeMs);
  let netFeeSun = 0n;
  if (createsAccount) netFeeSun = parameters.createAccountFeeSun;
  else if (!isFree) netFeeSun = parameters.transactionFeeSun * BigInt(bytes);
  const memoFeeSun = raw.memo.length > 0 ? parameters.memoFeeSun : 0n;
  const balance = await view.balance(owner);
  if (balance < netFeeSun + memoFeeSun) return REFUSALS.resources;
  const available = balance - netFeeSun - memoFeeSun;
  const newAccountFeeSun = createsAccount ? parameters.createNewAccountFeeSun : 0n;
  const refusal = checkContract(contract, available - newAccountFeeSun, raw.feeLimitSun, view);
  if (refusal !== null) return refusal;
  return {
    contract,
    netUsage: isFree ? bytes : 0,
    netFeeSun,
    feeSun: netFeeSun + memoFeeSun + newAccountFeeSun,
    energyLimit: energyLimitOf(contract, available, raw.feeLimitSun, view),
  };
}

function checkContract(
  contract: Exclude<TronContract, { kind: "other" }>,
  available: bigint,
  feeLimitSun: bigint,
  view: ChainView,
): Refusal | null {
  if (contract.kind === "transfer") return checkTransfer(contract, available, view);
  const { maxFeeLimitSun } = view.parameters;
  if (feeLimitSun > maxFeeLimitSun) {
    return refuseContract(`feeLimit must be >= 0 and <= ${maxFeeLimitSun}`);
  }
  if (contract.tokenId !== 0n || contract.tokenValue !== 0n) {
    return refuseContract("this emulation has no TRC-10 tokens");
  }
  if (contract.callValueSun < 0n) return refuseContract("callValue must be >= 0");
  if (contract.kind === "trigger") {
    if (!view.isContract(contract.contract)) {
      return refuseContract("No contract or not a smart contract");
    }
  } else {
    const refusal = checkDeployment(contract);
    if (refusal !== null) return refusal;
  }
  return contract.callValueSun > available
    ? refuseContract("Validate InternalTransfer error, balance is not sufficient.")
    : null;
}

function checkTransfer(
  { owner, to, amountSun }: TronTransfer,
  available: bigint,
  view: ChainView,
): Refusal | null {
  if (owner === to) return refuseContract("Cannot transfer TRX to yourself.");
  if (amountSun <= 0n) return refuseContract("Amount must be greater than 0.");
  if (view.isContract(to)) return refuseContract("Cannot transfer TRX to a smartContract.");
  if (amountSun > available) {
    return refuseContract("Validate TransferContract error, balance is not sufficient.");
  }
  return null;
}

function checkDeployment(deployment: TronDeployment): Refusal | null {
  const { consumeUserResourcePercent: percent, name, originEnergyLimit } = deployment;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    return refuseContract("contractName's length cannot be greater than 32");
  }
  if (percent < 0 || percent > 100) return refuseContract("percent must be >= 0 and <= 100");
  if (originEnergyLimit <= 0n) return refuseContract("The originEnergyLimit must be > 0");
  return null;
}

/** What stake and balance pay for, and no more than the fee limit does. */
function energyLimitOf(
  contract: Settlement["contract"],
  availableSun: bigint,
  feeLimitSun: bigint,
  view: ChainView,
): bigint {
  if (contract.kind === "transfer") return 0n;
  const { energyFeeSun } = view.parameters;
  const spendable = availableSun - contract.callValueSun;
  const affordable =
    view.stakedEnergy(contract.owner) + (spendable > 0n ? spendable / energyFeeSun : 0n);
  const allowed = feeLimitSun / energyFeeSun;
  return affordable < allowed ? affordable : allowed;
}
