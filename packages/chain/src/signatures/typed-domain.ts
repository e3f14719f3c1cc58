import type { Address, Hex } from "../network/address.ts";
import { keccak256 } from "./keccak.ts";

const DOMAIN_TYPE =
  "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

/**
 * Digests of EIP-712 for one contract on one chain. The domain is hashed once and structures of whole words by hand: what
 * signs and checks thousands of vouchers a second cannot walk through JSON.
 */
export class TypedDomain {
  /** 32 bytes. */
  readonly separator: Uint8Array;
  /** 0x1901, the separator, the structure's hash. */
  readonly #message = new Uint8Array(2 + 32 + 32);

  constructor(init: {
    readonly name: string;
    readonly version: string;
    readonly chainId: number | bigint;
    readonly contract: Address;
  }) {
    const domain = new Uint8Array(5 * 32);
    domain.set(hashText(DOMAIN_TYPE));
    domain.set(hashText(init.name), 32);
    domain.set(hashText(init.version), 64);
    domain.set(uintWord(BigInt(init.chainId)), 96);
    domain.set(addressWord(init.contract), 128);
    this.separator = keccak256(domain);
    this.#message.set([0x19, 0x01]);
    this.#message.set(this.separator, 2);
  }

  /**
   * @param struct The hash of the structure's type, and a word of 32 bytes for each of its members.
   * @returns 32 bytes to sign.
   */
  digest(struct: Uint8Array): Uint8Array {
    this.#message.set(keccak256(struct), 34);
    return keccak256(this.#message);
  }
}

/** The hash of a structure's type, such as `Voucher(bytes32 channelId,uint256 total)`: 32 bytes. */
export function hashText(text: string): Uint8Array {
  return keccak256(Buffer.from(text, "utf8"));
}

/** 32 bytes, big-endian. @throws {RangeError} when it is negative or has more than 256 bits. */
export function uintWord(value: bigint): Uint8Array {
  if (value < 0n || value >> 256n !== 0n) throw new RangeError(`${value} is no uint256`);
  return hexBytes(`0x${value.toString(16).padStart(64, "0")}`);
}

/** An address in a word: 32 bytes. */
export function addressWord(address: Address): Uint8Array {
  return hexBytes(`0x${address.slice(2).padStart(64, "0")}`);
}

/** @throws {RangeError} when there is half a byte. */
export function hexBytes(hex: Hex): Uint8Array {
  if (hex.length % 2 !== 0) throw new RangeError(`${hex} ends within a byte`);
  return Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
}
