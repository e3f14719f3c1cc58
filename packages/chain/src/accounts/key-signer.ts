import { AccountError } from "../errors.ts";
import type { Address, Hex } from "../network/address.ts";
import { curve } from "../signatures/curve.ts";
import { hexBytes } from "../signatures/typed-domain.ts";
import { addressOfKey } from "./derive-key.ts";
import type { Signer, SigningRequest } from "./signer.ts";

/** Order of secp256k1: a private key is from 1 to one less. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * Reads a private key: 64 hex digits, with `0x` or without.
 * @throws {AccountError} `bad-key`; the message holds nothing of it.
 */
export function parsePrivateKey(text: string): Uint8Array {
  const digits = text.trim().replace(/^0x/i, "");
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    throw new AccountError("bad-key", "That is no private key: expected 64 hex digits.");
  }
  const value = BigInt(`0x${digits}`);
  if (value === 0n || value >= ORDER) {
    throw new AccountError("bad-key", "That is no private key: it lies outside secp256k1's order.");
  }
  return Uint8Array.from(Buffer.from(digits, "hex"));
}

/** Signs with a key that lies in memory, until it is locked. No way of printing it shows the key. */
export class KeySigner implements Signer {
  readonly address: Address;
  readonly #key: Uint8Array;
  #isLocked = false;

  /** @param key 32 bytes, which belong to the signer from now on. */
  constructor(key: Uint8Array) {
    this.#key = key;
    this.address = addressOfKey(key);
  }

  async sign(request: SigningRequest): Promise<Hex> {
    return await this.signDigest(request.digest);
  }

  /** Signs 32 bytes, whatever they are. */
  async signDigest(digest: Hex): Promise<Hex> {
    if (this.#isLocked) throw new AccountError("locked", "The wallet is locked: unlock it first.");
    const { rs, parity } = curve.sign(hexBytes(digest), this.#key);
    return `0x${Buffer.from(rs).toString("hex")}${parity === 1 ? "1c" : "1b"}`;
  }

  /** Forgets the key. */
  lock(): void {
    this.#isLocked = true;
    this.#key.fill(0);
  }
}
