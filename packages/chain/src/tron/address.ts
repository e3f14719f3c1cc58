import { keccak256 } from "viem";
import { ChainError } from "../errors.ts";
import { type Address, type Hex, toAddress } from "../network/address.ts";
import { decodeBase58Check, encodeBase58Check } from "./base58.ts";

/** First byte of every address, on the main network as on the test networks. */
const PREFIX = 0x41;
const BASE58_LENGTH = 34;
const ADDRESS_BYTES = 21;

/**
 * Reads what people and nodes write: base58check (`T` and 33 characters), or 42 hexadecimal digits that start with
 * `41`. Nothing else: 20 bytes behind `0x` name an account of another family of networks.
 * @throws {ChainError} `bad-address`, also when the checksum does not fit.
 */
export function parseTronAddress(text: string): Address {
  const trimmed = text.trim();
  if (/^41[0-9a-fA-F]{40}$/.test(trimmed)) return toAddress(`0x${trimmed.slice(2)}`);
  const payload =
    trimmed.length === BASE58_LENGTH ? decodeBase58Check(trimmed, BASE58_LENGTH) : null;
  if (payload?.length !== ADDRESS_BYTES || payload[0] !== PREFIX) {
    const shown = trimmed.length > 64 ? `A text of ${trimmed.length} characters` : trimmed;
    const isLikely = /^T[1-9A-HJ-NP-Za-km-z]{33}$/.test(trimmed);
    throw new ChainError(
      "bad-address",
      isLikely
        ? `The checksum of ${shown} does not fit: a letter is wrong. Copy it again from its source.`
        : `${shown} is no address of TRON: expected T and 33 letters or digits.`,
    );
  }
  return addressOfTronBytes(payload);
}

/** As people write it: base58check, `T…`. */
export function formatTronAddress(address: Address): string {
  return encodeBase58Check(tronAddressBytes(address));
}

/**
 * From the 21 bytes that transactions carry.
 * @throws {ChainError} `bad-address` when it is not `41` and 20 bytes.
 */
export function addressOfTronBytes(bytes: Uint8Array): Address {
  if (bytes.length !== ADDRESS_BYTES || bytes[0] !== PREFIX) {
    throw new ChainError(
      "bad-address",
      `Expected 21 bytes that start with 41 as an address of TRON, got ${bytes.length}.`,
    );
  }
  return toAddress(`0x${Buffer.from(bytes).toString("hex").slice(2)}`);
}

/** The 21 bytes that transactions carry. */
export function tronAddressBytes(address: Address): Uint8Array {
  return Uint8Array.from(Buffer.from(tronAddressHex(address), "hex"));
}

/** `41…`, as nodes write it in JSON. */
export function tronAddressHex(address: Address): string {
  return `41${address.slice(2)}`;
}

/**
 * Where a deployment puts its contract: the last 20 bytes of Keccak-256 over the transaction's id and the
 * owner's 21 bytes. No nonce comes into it.
 * @param txId 64 hexadecimal digits.
 */
export function tronContractAddress(txId: string, owner: Address): Address {
  return toAddress(`0x${keccak256(`0x${txId}${tronAddressHex(owner)}`).slice(-40)}`);
}

/**
 * Where `CREATE2` puts a contract on TRON: as on Ethereum, but with `41` in the place of `ff`.
 * @param creator Whose code executes `CREATE2`.
 * @param salt 32 bytes.
 */
export function tronCreate2Address(creator: Address, salt: Hex, initCode: Hex): Address {
  const code = keccak256(initCode).slice(2);
  const hash = keccak256(`0x${tronAddressHex(creator)}${salt.slice(2)}${code}`);
  return toAddress(`0x${hash.slice(-40)}`);
}
