import { createHash } from "node:crypto";
import type { TronContract } from "./contract-codec.ts";
import { decodeTronContract, encodeTronContract } from "./contract-codec.ts";
import { Message } from "./message.ts";
import { ProtobufWriter } from "./protobuf.ts";
import { ChainError } from "../errors.ts";

/** What is signed. */
export interface TronRawData {
  /** Bytes 6 and 7 of the number of the block that the transaction builds on. */
  readonly refBlockBytes: Uint8Array;
  /** Bytes 8 to 15 of that block's id: on another chain the transaction is void (TAPOS). */
  readonly refBlockHash: Uint8Array;
  /** From here on no block takes the transaction any more. */
  readonly expirationMs: number;
  readonly timestampMs: number;
  /** What energy may cost at most. */
  readonly feeLimitSun: bigint;
  /** A note for everybody to read. */
  readonly memo: Uint8Array;
  /** Which of the account's permissions signs; 0 is the owner. */
  readonly permissionId: number;
  readonly contract: TronContract;
}

/** What is broadcast. */
export interface TronTransaction {
  /** The bytes as they came: the id is over these, not over what decoding them gives. */
  readonly rawData: Uint8Array;
  readonly raw: TronRawData;
  /** Each r, s and v, 65 bytes together. */
  readonly signatures: readonly Uint8Array[];
}

/** No contract's call comes near; the node's own bound is 500 KiB. */
const MAX_TRANSACTION_BYTES = 500 * 1024;

/**
 * `Transaction.raw`.
 * @throws {ChainError} `bad-answer`, `bad-address`: also for fields that say more than `TronRawData` holds.
 */
export function decodeTronRawData(bytes: Uint8Array): TronRawData {
  if (bytes.length > MAX_TRANSACTION_BYTES) {
    throw new ChainError("bad-answer", `a transaction of ${bytes.length} bytes is too big`);
  }
  const raw = new Message("the transaction", bytes, {
    1: "bytes",
    4: "bytes",
    8: "int",
    10: "bytes",
    11: "each",
    14: "int",
    18: "int",
  });
  const [contract, ...more] = raw.each(11);
  if (contract === undefined || more.length > 0) {
    throw raw.broken(`${raw.each(11).length} contracts where one is expected`);
  }
  return {
    refBlockBytes: raw.bytes(1),
    refBlockHash: raw.bytes(4),
    expirationMs: raw.number(8),
    timestampMs: raw.number(14),
    feeLimitSun: raw.natural(18),
    memo: raw.bytes(10),
    ...decodeTronContract(contract),
  };
}

/** `Transaction.raw`, byte for byte as other wallets write it. */
export function encodeTronRawData(raw: TronRawData): Uint8Array {
  return new ProtobufWriter()
    .bytes(1, raw.refBlockBytes)
    .bytes(4, raw.refBlockHash)
    .int(8, raw.expirationMs)
    .bytes(10, raw.memo)
    .message(11, encodeTronContract(raw.contract, raw.permissionId))
    .int(14, raw.timestampMs)
    .int(18, raw.feeLimitSun)
    .finish();
}

/**
 * `Transaction`: what `broadcasthex` takes.
 * @throws {ChainError} `bad-answer`, `bad-address`
 */
export function decodeTronTransaction(bytes: Uint8Array): TronTransaction {
  if (bytes.length > MAX_TRANSACTION_BYTES) {
    throw new ChainError("bad-answer", `a transaction of ${bytes.length} bytes is too big`);
  }
  const transaction = new Message("the signed transaction", bytes, {
    1: "bytes",
    2: "each",
    5: "each",
  });
  const rawData = transaction.bytes(1);
  return { rawData, raw: decodeTronRawData(rawData), signatures: transaction.each(2) };
}

export function encodeTronTransaction(
  rawData: Uint8Array,
  signatures: readonly Uint8Array[],
): Uint8Array {
  const writer = new ProtobufWriter().message(1, rawData);
  for (const signature of signatures) writer.message(2, signature);
  return writer.finish();
}

/** SHA-256 of the raw data: the transaction's name, and what is signed. 64 hexadecimal digits. */
export function tronTransactionId(rawData: Uint8Array): string {
  return createHash("sha256").update(rawData).digest("hex");
}

/** Bytes that a result may add in a block; bandwidth is paid for them in advance. */
const RESULT_BYTES = 64;

/** Bandwidth that a signed transaction takes: its bytes, and 64 for its result. */
export function tronBandwidthBytes(rawData: Uint8Array, signatures: readonly Uint8Array[]): number {
  return encodeTronTransaction(rawData, signatures).length + RESULT_BYTES;
}
