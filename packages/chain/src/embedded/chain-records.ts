import { ChainError } from "../errors.ts";
import type { Genesis } from "./genesis.ts";

/** A block as the journal keeps it: what its hash follows from, and the hash. */
export interface BlockRecord {
  readonly timestampS: number;
  /** 32 bytes of chance that contracts may read (`prevrandao`). */
  readonly mixHash: Uint8Array;
  readonly hash: Uint8Array;
  /** Signed transactions as they came, in the block's order. */
  readonly transactions: readonly Uint8Array[];
}

/** What one append keeps. */
export type ChainRecord =
  | { readonly kind: "genesis"; readonly genesis: Genesis; readonly hash: Uint8Array }
  | { readonly kind: "block"; readonly block: BlockRecord }
  /** Transactions that were taken and wait: for their turn, or for those that come before them. */
  | { readonly kind: "waiting"; readonly transactions: readonly Uint8Array[] };

const KINDS = { genesis: 1, block: 2, waiting: 3 } as const;
const HASH_BYTES = 32;
/** Kind, timestamp, mix hash, hash, count. */
const BLOCK_HEAD_BYTES = 1 + 8 + 2 * HASH_BYTES + 4;

/** Kind (8 bits), then: hash and JSON; or time (64 bits), mix hash, hash and transactions; or transactions. */
export function encodeRecord(record: ChainRecord): Uint8Array {
  if (record.kind === "block") return encodeBlock(record.block);
  if (record.kind === "waiting") return encodeWaiting(record.transactions);
  const { hash, genesis } = record;
  return Buffer.concat([Uint8Array.of(KINDS.genesis), hash, Buffer.from(JSON.stringify(genesis))]);
}

function encodeWaiting(transactions: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(1 + 4 + lengthOf(transactions));
  bytes[0] = KINDS.waiting;
  writeTransactions(bytes, 1, transactions);
  return bytes;
}

function encodeBlock({ timestampS, mixHash, hash, transactions }: BlockRecord): Uint8Array {
  const bytes = Buffer.allocUnsafe(BLOCK_HEAD_BYTES + lengthOf(transactions));
  bytes[0] = KINDS.block;
  bytes.writeBigUInt64LE(BigInt(timestampS), 1);
  bytes.set(mixHash, 9);
  bytes.set(hash, 9 + HASH_BYTES);
  writeTransactions(bytes, BLOCK_HEAD_BYTES - 4, transactions);
  return bytes;
}

/** @throws {ChainError} `bad-journal` for what this program does not write. */
export function decodeRecord(payload: Uint8Array): ChainRecord {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  try {
    switch (bytes[0]) {
      case KINDS.genesis: {
        const genesis = JSON.parse(bytes.toString("utf8", 1 + HASH_BYTES)) as Genesis;
        return { kind: "genesis", genesis, hash: bytes.subarray(1, 1 + HASH_BYTES) };
      }
      case KINDS.block:
        return {
          kind: "block",
          block: {
            timestampS: Number(bytes.readBigUInt64LE(1)),
            mixHash: bytes.subarray(9, 9 + HASH_BYTES),
            hash: bytes.subarray(9 + HASH_BYTES, 9 + 2 * HASH_BYTES),
            transactions: readTransactions(bytes, BLOCK_HEAD_BYTES - 4),
          },
        };
      case KINDS.waiting:
        return { kind: "waiting", transactions: readTransactions(bytes, 1) };
      case undefined:
        break;
    }
  } catch (cause) {
    throw new ChainError("bad-journal", "A record of the journal cannot be read.", { cause });
  }
  throw new ChainError(
    "bad-journal",
    `The journal has a record of kind ${bytes[0]}, which this program does not know. Run the newer one that wrote it.`,
  );
}

/** Without the count in front. */
function lengthOf(transactions: readonly Uint8Array[]): number {
  return transactions.reduce((sum, { length }) => sum + 4 + length, 0);
}

/** Their number, then each with its length, 32 bits each. */
function writeTransactions(bytes: Buffer, from: number, transactions: readonly Uint8Array[]): void {
  let at = bytes.writeUInt32LE(transactions.length, from);
  for (const transaction of transactions) {
    at = bytes.writeUInt32LE(transaction.length, at);
    bytes.set(transaction, at);
    at += transaction.length;
  }
}

function readTransactions(bytes: Buffer, from: number): Uint8Array[] {
  let at = from + 4;
  const transactions: Uint8Array[] = [];
  for (let left = bytes.readUInt32LE(from); left > 0; left--) {
    const lengthBytes = bytes.readUInt32LE(at);
    at += 4;
    if (at + lengthBytes > bytes.length) throw new RangeError("a transaction is cut off");
    transactions.push(bytes.subarray(at, at + lengthBytes));
    at += lengthBytes;
  }
  if (at !== bytes.length) throw new RangeError(`${bytes.length - at} bytes are left over`);
  return transactions;
}
