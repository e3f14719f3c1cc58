import { HDKey } from "viem/accounts";
import type { Address } from "../network/address.ts";
import { addressOfPublicKey } from "../signatures/compact-signature.ts";
import { curve } from "../signatures/curve.ts";

/** BIP-44's coin types of the networks that are spoken here. */
export const EVM_COIN = 60;
export const TRON_COIN = 195;

/** Indices from here on are hardened (BIP-32). */
const HARDENED = 0x80000000;

/**
 * Where an account's key lies: the path that MetaMask and TronLink take, so that their mnemonics show the same
 * addresses here.
 * @param coin BIP-44's coin type: `NetworkInfo.slip44`.
 * @param index The account's number, from 0.
 */
export function accountPath(coin: number, index: number): string {
  if (!Number.isInteger(index) || index < 0 || index >= HARDENED) {
    throw new RangeError(`An account's number is from 0 to ${HARDENED - 1}, not ${index}.`);
  }
  return `m/44'/${coin}'/0'/0/${index}`;
}

/**
 * An account's private key.
 * @param seed 64 bytes, of `seedOf`.
 * @returns 32 bytes.
 * @see BIP-32, BIP-44
 */
export function deriveKey(seed: Uint8Array, coin: number, index: number): Uint8Array {
  const root = HDKey.fromMasterSeed(seed);
  const node = root.derive(accountPath(coin, index));
  const key = node.privateKey;
  if (key === null || key === undefined) throw new RangeError("A seed has a private key.");
  const copy = Uint8Array.from(key);
  root.wipePrivateData();
  node.wipePrivateData();
  return copy;
}

/** The address of a private key of 32 bytes: the same 20 bytes on every network. */
export function addressOfKey(key: Uint8Array): Address {
  return addressOfPublicKey(curve.publicKey(key));
}
