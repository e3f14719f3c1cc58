import type { Address, Hex } from "../network/address.ts";
import type { Asset } from "../network/network-info.ts";

/** What a signature commits to, so that whoever holds the key can show it, and refuse what goes beyond its limits. */
export interface SigningRequest {
  readonly purpose: "transaction" | "message" | "typed-data" | "voucher";
  /** The 32 bytes that are signed. */
  readonly digest: Hex;
  /** The network that it is for; null when it is for any. */
  readonly chainId: number | null;
  /** What the signer may lose by it at the most, fees included: what spending limits count. */
  readonly spends: readonly Spending[];
  /** One line for people: "send 5 BTT to 0x1234..." */
  readonly summary: string;
}

export interface Spending {
  readonly asset: Asset;
  /** In the asset's smallest unit. */
  readonly amount: bigint;
}

/** Somebody who holds a key. The key itself never leaves it. */
export interface Signer {
  readonly address: Address;
  /**
   * Signs the digest, by secp256k1 with the low half of s.
   * @returns 65 bytes: r, s and v (27 or 28).
   * @throws {AccountError} `locked`, `limit-exceeded` or `revoked`: nothing was signed then.
   */
  sign(request: SigningRequest): Promise<Hex>;
}
