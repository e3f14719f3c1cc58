import { getAddress, isAddress } from "viem";
import { ChainError } from "../errors.ts";

/** Bytes as hex digits behind `0x`. */
export type Hex = `0x${string}`;

/**
 * An account or contract: its 20 bytes as 40 lower-case hex digits behind `0x`, on every network alike, so that two are
 * the same when `===` says so. People read and write what `Network.formatAddress` and `Network.parseAddress` make of
 * it: EIP-55 on EVM chains, base58check on TRON.
 */
export type Address = Hex & { readonly __brand: "Address" };

/** A transaction's 32 bytes, lower-case hex behind `0x`. */
export type TransactionId = Hex & { readonly __brand: "TransactionId" };

/** A block's 32 bytes, lower-case hex behind `0x`. */
export type BlockHash = Hex & { readonly __brand: "BlockHash" };

const ADDRESS = /^0x[0-9a-f]{40}$/;
const HASH = /^0x[0-9a-f]{64}$/;

export const ZERO_ADDRESS = toAddress("0x0000000000000000000000000000000000000000");

/**
 * An address that a program hands over (a contract's answer, a file of ours), of any case.
 * @throws {ChainError} `bad-address` when it is not 20 bytes in hex.
 */
export function toAddress(text: string): Address {
  const lower = text.toLowerCase();
  if (!ADDRESS.test(lower)) {
    throw new ChainError("bad-address", `${text} is no address: expected 0x and 40 hex digits.`);
  }
  return lower as Address;
}

/**
 * An address that a person typed or pasted.
 * @throws {ChainError} `bad-address`; also when capitals and small letters are mixed and the checksum does not fit, so
 * that a slip of a finger never sends money away. All small or all capital letters carry no checksum, and are taken.
 * @see EIP-55
 */
export function parseEvmAddress(text: string): Address {
  const trimmed = text.trim();
  if (!/^0x[0-9a-fA-F]{40}$/.test(trimmed)) {
    throw new ChainError(
      "bad-address",
      `${trimmed} is no address: expected 0x and 40 hex digits, got ${trimmed.length} characters.`,
    );
  }
  const digits = trimmed.slice(2);
  const isMixed = /[a-f]/.test(digits) && /[A-F]/.test(digits);
  if (isMixed && !isAddress(trimmed, { strict: true })) {
    throw new ChainError(
      "bad-address",
      `The checksum of ${trimmed} does not fit (EIP-55): a letter is wrong. Copy it again from its source.`,
    );
  }
  return toAddress(trimmed);
}

/** The address with its checksum in the letters' case (EIP-55). */
export function formatEvmAddress(address: Address): string {
  return getAddress(address);
}

/** @throws {ChainError} `bad-answer` when it is not 32 bytes in hex. */
export function toTransactionId(text: string): TransactionId {
  return toHash(text, "transaction") as TransactionId;
}

/** @throws {ChainError} `bad-answer` when it is not 32 bytes in hex. */
export function toBlockHash(text: string): BlockHash {
  return toHash(text, "block") as BlockHash;
}

function toHash(text: string, of: string): string {
  const lower = text.toLowerCase();
  const hash = lower.startsWith("0x") ? lower : `0x${lower}`;
  if (HASH.test(hash)) return hash;
  throw new ChainError("bad-answer", `${text} is no ${of} hash: expected 64 hex digits.`);
}
