import type { Signer } from "../accounts/signer.ts";
import { keccak256 } from "viem";
import { ChainError } from "../errors.ts";
import type { Address, Hex, TransactionId } from "../network/address.ts";
import type { Network } from "../network/network.ts";
import type { Intent } from "../network/transaction.ts";
import type { Sender } from "../sending/sender.ts";
import {
  CREATE2_DEPLOYER,
  create2Address,
  create2Intent,
  creationCode,
  type DeployParameters,
  type DeployStep,
  isCodeOf,
  planDeployment,
} from "./deploy-plan.ts";

/** A contract and what became of it. */
export interface Deployed {
  readonly name: string;
  /** Null in a dry run where it depends on the transaction. */
  readonly address: Address | null;
  /** `there`: it was deployed before. */
  readonly state: "there" | "deployed" | "planned";
  /** In the coin's smallest unit: paid, or expected. */
  readonly fee: bigint;
  readonly transactionId: TransactionId | null;
}

export interface DeployOptions {
  readonly network: Network;
  readonly sender: Sender;
  readonly signer: Signer;
  readonly parameters: DeployParameters;
  /** Addresses of an earlier run, by name. */
  readonly known: Readonly<Record<string, Address>>;
  /** Called after each contract, to write its address down. */
  readonly onDeployed: (deployed: Deployed) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Deploys what is not there yet, one contract after another. Killed at any moment, it goes on where it was: a contract
 * that is there is left alone, and a transaction that was signed is waited for, not signed again.
 * @throws {ChainError} what sending throws; `refused` when something else lies where a contract should be.
 */
export async function deployContracts(options: DeployOptions): Promise<Deployed[]> {
  const { network, sender, signer, parameters, known, onDeployed, signal } = options;
  const isDeterministic = await canDeployDeterministically(network);
  const addresses: Record<string, Address> = {};
  const done: Deployed[] = [];
  for (const step of planDeployment(network.info, parameters)) {
    const code = creationCode(step, addresses);
    const place = await placeOf(network, step, code, known, isDeterministic);
    if (place !== undefined && (await isThere(network, step, place))) {
      addresses[step.name] = place;
      const deployed = { name: step.name, address: place, state: "there", fee: 0n } as const;
      done.push({ ...deployed, transactionId: null });
      await onDeployed(done.at(-1)!);
      continue;
    }
    const intent: Intent = isDeterministic
      ? create2Intent(step.name, code)
      : { kind: "deploy", code, contractName: step.name };
    const key = `deploy ${step.name} ${keccak256(code)}`;
    const { id } = await sender.send(intent, signer, { key });
    const status = await sender.waitFor(id, signal === undefined ? {} : { signal });
    const address = isDeterministic ? create2Address(code) : status?.receipt.contractAddress;
    if (status?.receipt.isSuccess !== true || address === null || address === undefined) {
      throw new ChainError("refused", `${step.name} was not deployed: its transaction is ${id}.`);
    }
    if (!(await isThere(network, step, address))) {
      throw new ChainError("refused", `${step.name} is not at ${address}, although ${id} is done.`);
    }
    addresses[step.name] = address;
    const { fee } = status.receipt;
    done.push({ name: step.name, address, state: "deployed", fee, transactionId: id });
    await onDeployed(done.at(-1)!);
  }
  return done;
}

/** What `deployContracts` would do, and about what it would cost, sending nothing. */
export async function estimateDeployment(
  options: Pick<DeployOptions, "network" | "parameters" | "known"> & { readonly from: Address },
): Promise<Deployed[]> {
  const { network, parameters, known, from } = options;
  const isDeterministic = await canDeployDeterministically(network);
  const addresses: Record<string, Address> = {};
  const planned: Deployed[] = [];
  for (const step of planDeployment(network.info, parameters)) {
    // Arguments that are addresses cost alike, whatever they are.
    const code = creationCode(step, addresses);
    const place = await placeOf(network, step, code, known, isDeterministic);
    const is = place !== undefined && (await isThere(network, step, place));
    addresses[step.name] = place ?? from;
    planned.push({
      name: step.name,
      address: place ?? null,
      state: is ? "there" : "planned",
      fee: is ? 0n : await estimateFee(network, step.name, code, from),
      transactionId: null,
    });
  }
  return planned;
}

/** Compares each contract's code with what was compiled. */
export async function verifyContracts(
  network: Network,
  parameters: DeployParameters,
  addresses: Readonly<Record<string, Address>>,
): Promise<{ readonly name: string; readonly address: Address; readonly isVerified: boolean }[]> {
  if (network.code === undefined) {
    const text = `${network.info.title} does not say what code a contract has.`;
    throw new ChainError("unsupported", text);
  }
  const checked = [];
  for (const { name, artifact } of planDeployment(network.info, parameters)) {
    const address = addresses[name];
    if (address === undefined) continue;
    checked.push({ name, address, isVerified: isCodeOf(artifact, await network.code(address)) });
  }
  return checked;
}

/** The deployer's own bytes decide: something else at its address would take the code and the fee. */
async function canDeployDeterministically(network: Network): Promise<boolean> {
  return network.info.can.deployDeterministically && (await network.isContract(CREATE2_DEPLOYER));
}

/** Where a contract is, or will be as far as that is known: what the network has of its own is used as it is. */
async function placeOf(
  network: Network,
  step: DeployStep,
  code: Hex,
  known: Readonly<Record<string, Address>>,
  isDeterministic: boolean,
): Promise<Address | undefined> {
  const own = network.info.contracts[step.name];
  if (own !== undefined && (await isSame(network, step, own))) return own;
  return isDeterministic ? create2Address(code) : known[step.name];
}

async function isSame(
  network: Network,
  { artifact }: DeployStep,
  place: Address,
): Promise<boolean> {
  if (network.code === undefined) return await network.isContract(place);
  return isCodeOf(artifact, await network.code(place));
}

/** @throws {ChainError} `refused` when another contract is there. */
async function isThere(
  network: Network,
  { name, artifact }: DeployStep,
  address: Address,
): Promise<boolean> {
  if (network.code === undefined) return await network.isContract(address);
  const code = await network.code(address);
  if (code === "0x") return false;
  if (isCodeOf(artifact, code)) return true;
  throw new ChainError("refused", `What is at ${address} is not ${name} as it was compiled.`);
}

/** A constructor that looks at contracts which are not there yet cannot be tried out: bytes and a margin are counted. */
async function estimateFee(
  network: Network,
  name: string,
  code: `0x${string}`,
  from: Address,
): Promise<bigint> {
  const bytes = BigInt((code.length - 2) / 2);
  // Yellow paper: 200 gas for a byte of code, 16 for one of data, 53,000 for the transaction, and as much again for the constructor.
  const gasLimit = 216n * bytes + 53_000n + 400_000n;
  const intent: Intent = { kind: "deploy", code, contractName: name };
  return (await network.prepare(intent, { from, gasLimit })).expectedFee;
}
