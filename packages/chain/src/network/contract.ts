import {
  type Abi,
  type ContractConstructorArgs,
  type ContractEventArgs,
  type ContractEventArgsFromTopics,
  type ContractEventName,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  type EncodeDeployDataParameters,
  type EncodeEventTopicsParameters,
  type EncodeFunctionDataParameters,
  decodeErrorResult,
  decodeEventLog,
  type DecodeFunctionResultParameters,
  decodeFunctionResult,
  encodeDeployData,
  encodeEventTopics,
  encodeFunctionData,
} from "viem";
import type { Spending } from "../accounts/signer.ts";
import { ChainError, RevertError } from "../errors.ts";
import type { Address, Hex } from "./address.ts";
import type { BlockRange, Network, Reading } from "./network.ts";
import type { CallIntent, DeployIntent, Log } from "./transaction.ts";

type Views = "pure" | "view";
type Writes = "nonpayable" | "payable";

export interface ContractCall<
  abi extends Abi,
  name extends ContractFunctionName<abi, Views | Writes>,
  args extends ContractFunctionArgs<abi, Views | Writes, name>,
> {
  readonly address: Address;
  readonly abi: abi;
  readonly functionName: name;
  readonly args: args;
}

/**
 * Asks a contract.
 * @returns the function's value, typed by the ABI. Addresses in it are viem's: `toAddress` makes them comparable.
 * @throws {RevertError} when the contract refuses, its reason decoded by the ABI.
 * @throws {ChainError} `not-found` when there is no contract at the address; and as every method of `Network`.
 */
export async function readContract<
  const abi extends Abi,
  name extends ContractFunctionName<abi, Views>,
  const args extends ContractFunctionArgs<abi, Views, name>,
>(
  network: Network,
  call: ContractCall<abi, name, args>,
  reading?: Reading,
): Promise<ContractFunctionReturnType<abi, Views, name, args>> {
  const { address, abi, functionName, args } = call;
  let data: Hex;
  try {
    data = await network.call({ to: address, data: encodeCall(abi, functionName, args) }, reading);
  } catch (error) {
    throw explainRevert(error, abi);
  }
  if (data === "0x") {
    const where = network.formatAddress(address);
    throw new ChainError(
      "not-found",
      `${where} on ${network.info.title} is not the contract that is meant: ${functionName} returned nothing.`,
    );
  }
  try {
    return decodeFunctionResult({
      abi,
      functionName,
      args,
      data,
    } as unknown as DecodeFunctionResultParameters) as ContractFunctionReturnType<
      abi,
      Views,
      name,
      args
    >;
  } catch (cause) {
    const text = `${functionName} of ${network.formatAddress(address)} returned what its ABI does not allow.`;
    throw new ChainError("bad-answer", text, { cause });
  }
}

/** The intent to call a contract, to be sent. */
export function callContract<
  const abi extends Abi,
  name extends ContractFunctionName<abi, Writes>,
  const args extends ContractFunctionArgs<abi, Writes, name>,
>(
  call: ContractCall<abi, name, args> & {
    readonly amount?: bigint;
    readonly spends?: readonly Spending[];
    readonly summary?: string;
  },
): CallIntent {
  const { address, abi, functionName, args, ...rest } = call;
  return { kind: "call", to: address, data: encodeCall(abi, functionName, args), ...rest };
}

/** The intent to deploy a contract, to be sent. */
export function deployContract<const abi extends Abi>(deployment: {
  readonly abi: abi;
  readonly bytecode: Hex;
  readonly args: ContractConstructorArgs<abi>;
  readonly contractName?: string;
  readonly amount?: bigint;
}): DeployIntent {
  const { abi, bytecode, args, ...rest } = deployment;
  const parameters = { abi, bytecode, args } as unknown as EncodeDeployDataParameters;
  return { kind: "deploy", code: encodeDeployData(parameters), ...rest };
}

/** An event of a contract, with its arguments. */
export interface ContractEvent<
  abi extends Abi,
  name extends ContractEventName<abi> = ContractEventName<abi>,
> {
  readonly eventName: name;
  readonly args: ContractEventArgsFromTopics<abi, name>;
  readonly log: Log;
}

/**
 * Reads one kind of event from a range of blocks, in the order of the chain. Entries that the ABI cannot read are left
 * out: they are of something else with the same signature.
 * @param query.args Values of indexed parameters, each one value or several of which any will do.
 */
export async function readEvents<const abi extends Abi, name extends ContractEventName<abi>>(
  network: Network,
  query: BlockRange & {
    readonly addresses?: readonly Address[];
    readonly abi: abi;
    readonly eventName: name;
    readonly args?: ContractEventArgs<abi, name>;
    readonly assurance?: "one" | "quorum";
  },
): Promise<ContractEvent<abi, name>[]> {
  const { abi, eventName, args, ...rest } = query;
  const topics = encodeEventTopics({
    abi,
    eventName,
    ...(args !== undefined && { args }),
  } as unknown as EncodeEventTopicsParameters);
  const logs = await network.logs({ ...rest, topics });
  return logs.flatMap((log) => {
    const event = decodeLog(abi, log);
    return event?.eventName === eventName ? [event as ContractEvent<abi, name>] : [];
  });
}

/** What an entry says by an ABI; null when it is none of the ABI's events. */
export function decodeLog<const abi extends Abi>(abi: abi, log: Log): ContractEvent<abi> | null {
  try {
    const topics = log.topics as [Hex, ...Hex[]];
    const { eventName, args } = decodeEventLog({ abi, topics, data: log.data });
    return { eventName, args, log } as unknown as ContractEvent<abi>;
  } catch {
    return null;
  }
}

/** The error with the reason that the ABI knows for it; any other error as it is. */
export function explainRevert(error: unknown, abi: Abi): unknown {
  if (!(error instanceof RevertError) || error.data === "0x") return error;
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi, data: error.data });
    if (errorName === "Error")
      return new RevertError(String(args[0]), error.data, { cause: error });
    const listed = args.map((value) => String(value)).join(", ");
    return new RevertError(`${errorName}(${listed})`, error.data, { cause: error });
  } catch {
    return error;
  }
}

function encodeCall(abi: Abi, functionName: string, args: unknown): Hex {
  return encodeFunctionData({ abi, functionName, args } as unknown as EncodeFunctionDataParameters);
}
