import { ChainError } from "../errors.ts";
import {
  type Address,
  type Hex,
  toAddress,
  toBlockHash,
  toTransactionId,
} from "../network/address.ts";
import type { BlockRef, Log, Receipt } from "../network/transaction.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A block as far as it matters here. */
export interface EvmBlock extends BlockRef {
  /** Null on chains without EIP-1559. */
  readonly baseFee: bigint | null;
  readonly gasLimit: bigint;
  /** Hashes, or whole transactions where they were asked for. */
  readonly transactions: readonly unknown[];
}

/** A receipt without the time of its block, which nodes do not put into it. */
export type EvmReceipt = Omit<Receipt, "block"> & { readonly block: Omit<BlockRef, "timeMs"> };

/**
 * Each reads what a node answered, trusting nothing of it.
 * @throws {ChainError} `bad-answer`.
 */
export function readBlock(answer: unknown): EvmBlock | null {
  if (answer === null) return null;
  const fields = readFields(answer, "block");
  const { baseFeePerGas, transactions } = fields;
  return {
    number: readNumber(fields.number),
    hash: toBlockHash(readHex(fields.hash)),
    timeMs: readNumber(fields.timestamp) * 1000,
    baseFee: typeof baseFeePerGas === "string" ? readQuantity(baseFeePerGas) : null,
    gasLimit: readQuantity(fields.gasLimit),
    transactions: Array.isArray(transactions) ? transactions : [],
  };
}

export function readReceipt(answer: unknown): EvmReceipt | null {
  if (answer === null) return null;
  const fields = readFields(answer, "receipt");
  const { to, contractAddress, logs, effectiveGasPrice, status } = fields;
  if (status !== "0x0" && status !== "0x1") throw badAnswer("a receipt's status", status);
  const gasPrice = effectiveGasPrice === undefined ? 0n : readQuantity(effectiveGasPrice);
  return {
    id: toTransactionId(readHex(fields.transactionHash)),
    block: { number: readNumber(fields.blockNumber), hash: toBlockHash(readHex(fields.blockHash)) },
    isSuccess: status === "0x1",
    fee: readQuantity(fields.gasUsed) * gasPrice,
    from: readAddress(fields.from),
    to: isAbsent(to) ? null : readAddress(to),
    contractAddress: isAbsent(contractAddress) ? null : readAddress(contractAddress),
    logs: readLogs(logs),
  };
}

export function readLogs(answer: unknown): Log[] {
  if (!Array.isArray(answer)) throw badAnswer("entries", answer);
  return answer.map((each: unknown) => {
    const fields = readFields(each, "entry");
    const { topics } = fields;
    if (!Array.isArray(topics)) throw badAnswer("an entry's topics", topics);
    return {
      address: readAddress(fields.address),
      topics: topics.map((topic: unknown) => readHex(topic)),
      data: readHex(fields.data),
      block: {
        number: readNumber(fields.blockNumber),
        hash: toBlockHash(readHex(fields.blockHash)),
      },
      transactionId: toTransactionId(readHex(fields.transactionHash)),
      index: readNumber(fields.logIndex),
    };
  });
}

export function readQuantity(answer: unknown): bigint {
  if (typeof answer === "string" && /^0x[0-9a-f]{1,64}$/i.test(answer)) return BigInt(answer);
  throw badAnswer("a number", answer);
}

export function readNumber(answer: unknown): number {
  const value = Number(readQuantity(answer));
  if (Number.isSafeInteger(value)) return value;
  throw badAnswer("a number", answer);
}

export function readHex(answer: unknown): Hex {
  if (typeof answer === "string" && /^0x([0-9a-f]{2})*$/i.test(answer)) {
    return answer.toLowerCase() as Hex;
  }
  throw badAnswer("bytes", answer);
}

export function readAddress(answer: unknown): Address {
  if (typeof answer === "string" && /^0x[0-9a-f]{40}$/i.test(answer)) return toAddress(answer);
  throw badAnswer("an address", answer);
}

export function readFields(answer: unknown, name: string): Fields {
  if (typeof answer === "object" && answer !== null && !Array.isArray(answer))
    return answer as Fields;
  throw badAnswer(`a ${name}`, answer);
}

export function toQuantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`;
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}

function badAnswer(name: string, answer: unknown): ChainError {
  const shown = JSON.stringify(answer)?.slice(0, 80) ?? "nothing";
  return new ChainError("bad-answer", `A node answers ${shown} where ${name} should be.`);
}
