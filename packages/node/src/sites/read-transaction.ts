import {
  type Address,
  type Hex,
  type Intent,
  type NetworkInfo,
  parseEvmAddress,
} from "@shoal/chain";
import { providerError } from "./provider-error.ts";
import { readRecord } from "./read-call.ts";

/** No chain has larger blocks, so that more could only mean to frighten by its fee. */
const MAX_GAS = 60_000_000n;
/** Of a contract's creation code (EIP-3860); calls are shorter. */
const MAX_DATA_BYTES = 49_152;

/** What a site wants to have sent. */
export interface AskedTransaction {
  readonly intent: Intent;
  readonly gasLimit: bigint | null;
}

/**
 * Reads the transaction of `eth_sendTransaction`. Its number and its price are the wallet's own affair: what a site says of them
 * is not looked at.
 * @throws {RpcError} -32602; 4100 where it is of another account.
 */
export function readTransaction(
  value: unknown,
  account: Address,
  { chainId, title }: NetworkInfo,
): AskedTransaction {
  const asked = readRecord(value, "the transaction");
  assertAccount(asked["from"], account);
  if (
    asked["chainId"] !== undefined &&
    readQuantity(asked["chainId"], "chainId") !== BigInt(chainId)
  ) {
    throw providerError("badParams", `This site is on ${title}, chain ${chainId}: switch first.`);
  }
  const beyond = ["authorizationList", "blobs", "blobVersionedHashes"].find(
    (name) => asked[name] !== undefined && asked[name] !== null,
  );
  if (beyond !== undefined) {
    throw providerError("badParams", `Transactions with ${beyond} are not signed here.`);
  }
  const data = readData(asked);
  const amount = asked["value"] === undefined ? 0n : readQuantity(asked["value"], "value");
  const gas = asked["gas"] ?? asked["gasLimit"];
  const gasLimit = gas === undefined ? null : readQuantity(gas, "gas");
  if (gasLimit !== null && gasLimit > MAX_GAS) {
    throw providerError("badParams", `gas is ${gasLimit}: no transaction may have so much.`);
  }
  return { intent: intentOf(asked["to"], data, amount), gasLimit };
}

/** @throws {RpcError} 4100, -32602. */
export function assertAccount(value: unknown, account: Address): void {
  if (readAddress(value, "the account") !== account) {
    throw providerError("unauthorized", "This is not the account that the site was shown.");
  }
}

function intentOf(to: unknown, data: Hex, amount: bigint): Intent {
  if (to === undefined || to === null || to === "") {
    if (data === "0x") throw providerError("badParams", "Expected to, or a contract's code.");
    return { kind: "deploy", code: data, ...(amount > 0n && { amount }) };
  }
  const address = readAddress(to, "to");
  if (data === "0x") return { kind: "transfer", to: address, amount };
  return { kind: "call", to: address, data, ...(amount > 0n && { amount }) };
}

/** Old programs call it `data`, new ones `input`; both are the same, or somebody means to deceive. */
function readData({ data, input }: Readonly<Record<string, unknown>>): Hex {
  if (data !== undefined && input !== undefined && data !== input) {
    throw providerError("badParams", "data and input differ.");
  }
  const value = data ?? input ?? "0x";
  if (typeof value !== "string" || !/^0x(?:[\da-f]{2})*$/i.test(value)) {
    throw providerError("badParams", "Expected data to be bytes in hex.");
  }
  if (value.length / 2 - 1 > MAX_DATA_BYTES) {
    throw providerError("badParams", `Expected ${MAX_DATA_BYTES} bytes of data at the most.`);
  }
  return value.toLowerCase() as Hex;
}

function readAddress(value: unknown, name: string): Address {
  if (typeof value !== "string") throw providerError("badParams", `Expected ${name}, as 0x...`);
  return parseEvmAddress(value);
}

/** Numbers are taken too, as far as they are exact: not every program writes hex. */
function readQuantity(value: unknown, name: string): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === "string" && /^0x[\da-f]{1,64}$/i.test(value)) return BigInt(value);
  throw providerError("badParams", `Expected ${name} to be a number in hex, such as 0x5.`);
}
