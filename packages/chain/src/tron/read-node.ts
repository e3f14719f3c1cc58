import { ChainError } from "../errors.ts";
import {
  type Address,
  type Hex,
  toBlockHash,
  toTransactionId,
  type TransactionId,
} from "../network/address.ts";
import type { BlockRef } from "../network/transaction.ts";
import { parseTronAddress } from "./address.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What the node says of a transaction in a block. */
export interface TronInfo {
  readonly id: TransactionId;
  readonly blockNumber: number;
  readonly blockTimeMs: number;
  readonly feeSun: bigint;
  readonly isSuccess: boolean;
  readonly contractAddress: Address | null;
  readonly hasLogs: boolean;
}

/** What a trial execution gave. */
export interface TronTrial {
  readonly isSuccess: boolean;
  readonly output: Hex;
  readonly energy: bigint;
  /** Why it fails, in the node's words. */
  readonly message: string;
  readonly logs: readonly {
    readonly address: Address;
    readonly topics: readonly Hex[];
    readonly data: Hex;
  }[];
}

/**
 * Each reads what a node answered, trusting nothing of it.
 * @throws {ChainError} `bad-answer`.
 */
export function readTronBlock(answer: unknown): BlockRef | null {
  const { blockID, block_header } = readFields(answer, "block");
  if (blockID === undefined) return null;
  const { raw_data } = readFields(block_header, "block's header");
  const { number, timestamp } = readFields(raw_data, "block's header");
  const hash = toBlockHash(readText(blockID));
  // The first block's number is left out, as every 0 is.
  const height = readNatural(number ?? 0);
  if (BigInt(hash.slice(0, 18)) !== BigInt(height)) throw badAnswer("a block's id", blockID);
  return { number: height, hash, timeMs: readNatural(timestamp ?? 0) };
}

export function readTronInfo(answer: unknown): TronInfo | null {
  const fields = readFields(answer, "transaction's outcome");
  if (fields["id"] === undefined) return null;
  const receipt = readFields(fields["receipt"] ?? {}, "receipt");
  const contract = fields["contract_address"];
  return {
    id: toTransactionId(readText(fields["id"])),
    blockNumber: readNatural(fields["blockNumber"]),
    blockTimeMs: readNatural(fields["blockTimeStamp"]),
    feeSun: readAmount(fields["fee"] ?? 0),
    isSuccess: fields["result"] !== "FAILED" && (receipt["result"] ?? "SUCCESS") === "SUCCESS",
    contractAddress: typeof contract === "string" ? parseTronAddress(contract) : null,
    hasLogs: readList(fields["log"] ?? []).length > 0,
  };
}

export function readTronTrial(answer: unknown): TronTrial {
  const fields = readFields(answer, "trial");
  const { result, code, message } = readFields(fields["result"] ?? {}, "trial's result");
  const text = textOfHex(message);
  if (result !== true) {
    throw new ChainError("refused", `The node cannot try this: ${text || String(code)}.`);
  }
  const outputs = readList(fields["constant_result"] ?? []);
  const logs = readList(fields["logs"] ?? []).map((each) => {
    const log = readFields(each, "entry");
    return {
      address: parseTronAddress(`41${readText(log["address"]).slice(-40)}`),
      topics: readList(log["topics"] ?? []).map((topic) => readHex(topic)),
      data: readHex(log["data"] ?? ""),
    };
  });
  return {
    isSuccess: text === "",
    output: readHex(outputs[0] ?? ""),
    energy: readAmount(fields["energy_used"] ?? 0),
    message: text,
    logs,
  };
}

export function readFields(answer: unknown, name: string): Fields {
  if (typeof answer === "object" && answer !== null && !Array.isArray(answer)) {
    return answer as Fields;
  }
  throw badAnswer(`a ${name}`, answer);
}

export function readList(answer: unknown): readonly unknown[] {
  if (Array.isArray(answer)) return answer;
  throw badAnswer("a list", answer);
}

export function readText(answer: unknown): string {
  if (typeof answer === "string") return answer;
  throw badAnswer("a text", answer);
}

/** A whole number from 0 up, of any size. */
export function readAmount(answer: unknown): bigint {
  if (typeof answer === "bigint" && answer >= 0n) return answer;
  if (typeof answer === "number" && Number.isSafeInteger(answer) && answer >= 0) {
    return BigInt(answer);
  }
  throw badAnswer("an amount", answer);
}

export function readNatural(answer: unknown): number {
  const amount = readAmount(answer);
  if (amount <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(amount);
  throw badAnswer("a number", answer);
}

/** Bytes, which nodes write without `0x`. */
export function readHex(answer: unknown): Hex {
  const text = readText(answer);
  if (/^(?:0x)?([0-9a-f]{2})*$/i.test(text)) {
    return `0x${text.replace(/^0x/, "").toLowerCase()}`;
  }
  throw badAnswer("bytes", answer);
}

/** Messages are texts in hexadecimal; nodes that write them as they are, are understood too. */
export function textOfHex(answer: unknown): string {
  if (typeof answer !== "string") return "";
  const isHex = answer.length > 0 && /^([0-9a-f]{2})+$/i.test(answer);
  return isHex ? Buffer.from(answer, "hex").toString("utf8") : answer;
}

function badAnswer(name: string, answer: unknown): ChainError {
  const shown = typeof answer === "bigint" ? String(answer) : JSON.stringify(answer)?.slice(0, 80);
  return new ChainError(
    "bad-answer",
    `A node of TRON answers ${shown ?? "nothing"} where ${name} should be.`,
  );
}
