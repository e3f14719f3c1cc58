import { createHash } from "node:crypto";
import type { Address } from "../network/address.ts";
import { tronAddressBytes } from "../tron/address.ts";
import { ProtobufWriter } from "../tron/protobuf.ts";
import type { IncludedTransaction } from "./included-transaction.ts";

/** A block; with one transaction at most. */
export interface ShimBlock {
  readonly number: number;
  /** 64 hexadecimal digits: the number, and the hash of the header but for its first 8 bytes. */
  readonly id: string;
  readonly parentId: string;
  readonly timestampMs: number;
  readonly witness: Address;
  readonly txTrieRoot: string;
  readonly transactions: readonly IncludedTransaction[];
}

export const BLOCK_VERSION = 32;

/** The block's id as TRON makes it: its number in 8 bytes, then SHA-256 of its header from byte 8 on. */
export function blockId(block: Omit<ShimBlock, "id" | "transactions">): string {
  const header = new ProtobufWriter()
    .int(1, block.timestampMs)
    .bytes(2, Buffer.from(block.txTrieRoot, "hex"))
    .bytes(3, Buffer.from(block.parentId, "hex"))
    .int(7, block.number)
    .bytes(9, tronAddressBytes(block.witness))
    .int(10, BLOCK_VERSION)
    .finish();
  const hash = createHash("sha256").update(header).digest("hex");
  return block.number.toString(16).padStart(16, "0") + hash.slice(16);
}

/** By which transactions name the block that they build on: bytes 6 and 7 of its number. */
export function refBlockBytes(number: number): string {
  return (number % 0x1_0000).toString(16).padStart(4, "0");
}

/** Bytes 8 to 15 of its id. */
export function refBlockHash(id: string): string {
  return id.slice(16, 32);
}
