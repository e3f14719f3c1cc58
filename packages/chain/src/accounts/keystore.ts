import { createCipheriv, createDecipheriv, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Random } from "@shoal/runtime";
import { keccak256 } from "viem";
import { AccountError } from "../errors.ts";
import type { Address } from "../network/address.ts";
import { deriveByScrypt, type ScryptCost } from "./scrypt.ts";

/**
 * Cost of a new file: 128 MiB of memory and about half a second. What a guesser pays for every password.
 * (geth's own is twice that; OWASP asks for this.)
 */
export const SCRYPT_COST = { n: 2 ** 17, r: 8, p: 1 } as const;

/** The most that somebody else's file may make us spend: geth's and web3's own vectors need a quarter of it. */
const MAX_SCRYPT_MEMORY_BYTES = 2 ** 30;
const MAX_SCRYPT_WORK = 2 ** 25;
const MAX_PBKDF2_ROUNDS = 10_000_000;
const MAX_CIPHERTEXT_BYTES = 2 ** 20;

const KEY_LENGTH_BYTES = 32;

/** The encrypted part of a file: the `crypto` of Web3 Secret Storage, version 3. Binary values are hex without `0x`. */
export interface EncryptedSecret {
  readonly cipher: "aes-128-ctr";
  readonly cipherparams: { readonly iv: string };
  readonly ciphertext: string;
  readonly kdf: "scrypt" | "pbkdf2";
  readonly kdfparams: Readonly<Record<string, string | number>>;
  readonly mac: string;
}

/** A private key in a file that every Ethereum wallet reads. */
export interface KeystoreV3 {
  readonly version: 3;
  readonly id: string;
  /** Without `0x`. */
  readonly address?: string;
  readonly crypto: EncryptedSecret;
}

/**
 * Encrypts a secret of any length.
 * @param password Used as its NFKC form in UTF-8, so that keyboards do not matter.
 * @see https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/
 */
export async function encryptSecret(
  secret: Uint8Array,
  password: string,
  random: Random,
  { n, r, p }: ScryptCost = SCRYPT_COST,
): Promise<EncryptedSecret> {
  const salt = random.bytes(32);
  const iv = random.bytes(16);
  const derived = await stretch(password, salt, { n, r, p });
  const cipher = createCipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
  return {
    cipher: "aes-128-ctr",
    cipherparams: { iv: toHex(iv) },
    ciphertext: toHex(ciphertext),
    kdf: "scrypt",
    kdfparams: { dklen: KEY_LENGTH_BYTES, n, r, p, salt: toHex(salt) },
    mac: toHex(macOf(derived, ciphertext)),
  };
}

/**
 * Decrypts a secret.
 * @throws {AccountError} `wrong-password`; `bad-key-file` for what is no such file, and for one that would cost too much.
 */
export async function decryptSecret(from: unknown, password: string): Promise<Uint8Array> {
  const { iv, ciphertext, mac, derive } = readSecret(from);
  const derived = await derive(password);
  const expected = macOf(derived, ciphertext);
  if (!timingSafeEqual(expected, mac)) {
    throw new AccountError("wrong-password", "That is not the password.");
  }
  const decipher = createDecipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  return Uint8Array.from(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}

/** A private key as a file for every Ethereum wallet. */
export async function encryptKey(
  key: Uint8Array,
  address: Address,
  password: string,
  random: Random,
  cost: ScryptCost = SCRYPT_COST,
): Promise<KeystoreV3> {
  const id = random.bytes(16);
  // RFC 9562: version 4, variant 1.
  id[6] = (id[6]! & 0x0f) | 0x40;
  id[8] = (id[8]! & 0x3f) | 0x80;
  return {
    version: 3,
    id: toHex(id).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
    address: address.slice(2),
    crypto: await encryptSecret(key, password, random, cost),
  };
}

/**
 * The private key of a file of version 3, any wallet's.
 * @throws {AccountError} as `decryptSecret` does.
 */
export async function decryptKey(file: unknown, password: string): Promise<Uint8Array> {
  const { version, crypto, Crypto } = (file ?? {}) as Record<string, unknown>;
  if (version !== 3) throw badFile("it is not of version 3 of Web3 Secret Storage");
  // Some wallets wrote a capital.
  const key = await decryptSecret(crypto ?? Crypto, password);
  if (key.length !== KEY_LENGTH_BYTES) throw badFile(`its key has ${key.length} bytes, not 32`);
  return key;
}

function readSecret(from: unknown) {
  const secret = (from ?? {}) as Record<string, unknown>;
  if (secret.cipher !== "aes-128-ctr") throw badFile("its cipher is not aes-128-ctr");
  const { iv } = (secret.cipherparams ?? {}) as Record<string, unknown>;
  const parameters = (secret.kdfparams ?? {}) as Record<string, unknown>;
  const salt = readHex(parameters.salt, "salt");
  if (parameters.dklen !== KEY_LENGTH_BYTES) throw badFile("its derived key is not of 32 bytes");
  return {
    iv: readHex(iv, "iv", 16),
    ciphertext: readHex(secret.ciphertext, "ciphertext"),
    mac: readHex(secret.mac, "mac", 32),
    derive: readDerivation(secret.kdf, parameters, salt),
  };
}

function readDerivation(kdf: unknown, parameters: Record<string, unknown>, salt: Uint8Array) {
  if (kdf === "scrypt") {
    const [n, r, p] = [parameters.n, parameters.r, parameters.p].map(readCount) as [
      number,
      number,
      number,
    ];
    const isPower = (n & (n - 1)) === 0 && n > 1;
    if (!isPower) throw badFile("scrypt's n is no power of two");
    if (128 * n * r > MAX_SCRYPT_MEMORY_BYTES || n * r * p > MAX_SCRYPT_WORK) {
      throw badFile(`scrypt with n=${n}, r=${r}, p=${p} would cost too much`);
    }
    return (password: string) => stretch(password, salt, { n, r, p });
  }
  if (kdf === "pbkdf2") {
    const rounds = readCount(parameters.c);
    if (parameters.prf !== "hmac-sha256") throw badFile("its PBKDF2 is not over hmac-sha256");
    if (rounds > MAX_PBKDF2_ROUNDS) throw badFile(`${rounds} rounds would cost too much`);
    return (password: string) =>
      promisify(pbkdf2)(password.normalize("NFKC"), salt, rounds, KEY_LENGTH_BYTES, "sha256");
  }
  throw badFile("its key derivation is neither scrypt nor pbkdf2");
}

function stretch(password: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  return deriveByScrypt(password.normalize("NFKC"), salt, cost, KEY_LENGTH_BYTES);
}

function macOf(derived: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return keccak256(Buffer.concat([derived.subarray(16, 32), ciphertext]), "bytes");
}

function readHex(value: unknown, name: string, lengthBytes?: number): Uint8Array {
  const isHex = typeof value === "string" && /^([0-9a-f]{2})+$/i.test(value);
  if (!isHex || value.length > 2 * MAX_CIPHERTEXT_BYTES) throw badFile(`its ${name} is not hex`);
  const bytes = Buffer.from(value, "hex");
  if (lengthBytes !== undefined && bytes.length !== lengthBytes) {
    throw badFile(`its ${name} has ${bytes.length} bytes, not ${lengthBytes}`);
  }
  return bytes;
}

function readCount(value: unknown): number {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 2 ** 30)
    return Number(value);
  throw badFile("a parameter of its key derivation is no positive whole number");
}

function badFile(why: string): AccountError {
  return new AccountError("bad-key-file", `This file holds no key that can be read: ${why}.`);
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
