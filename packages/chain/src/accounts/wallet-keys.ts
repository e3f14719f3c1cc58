import type { Random } from "@shoal/runtime";
import { AccountError } from "../errors.ts";
import { type Address, formatEvmAddress } from "../network/address.ts";
import { formatTronAddress } from "../tron/address.ts";
import { addressOfKey, deriveKey, EVM_COIN, TRON_COIN } from "./derive-key.ts";
import { KeySigner } from "./key-signer.ts";
import {
  decryptKey,
  decryptSecret,
  encryptKey,
  encryptSecret,
  type KeystoreV3,
} from "./keystore.ts";
import { type Mnemonic, mnemonicOf, parseMnemonic, seedOf } from "./mnemonic.ts";
import type { ScryptCost } from "./scrypt.ts";
import {
  type AccountRecord,
  assertWalletName,
  type DerivedAccount,
  type WalletFile,
} from "./wallet-file.ts";

/** 12 words: as strong as the keys of secp256k1 themselves. */
const ENTROPY_BYTES = 16;

/** Passwords shorter than this are guessed, whatever scrypt costs. */
export const MIN_PASSWORD_LENGTH = 8;

const COINS = [EVM_COIN, TRON_COIN];

export interface KeyMaking {
  readonly random: Random;
  readonly nowMs: number;
  /** What a guess at the password costs; much, when absent. */
  readonly cost?: ScryptCost;
}

/** A mnemonic of fresh random bytes. */
export function drawMnemonic(random: Random): Mnemonic {
  const entropy = random.bytes(ENTROPY_BYTES);
  const mnemonic = mnemonicOf(entropy);
  entropy.fill(0);
  return mnemonic;
}

/**
 * A wallet of a mnemonic, with its first account.
 * @throws {AccountError} `bad-name`; `not-allowed` for a password that is too short.
 */
export async function makeWallet(
  name: string,
  mnemonic: Mnemonic,
  password: string,
  making: KeyMaking,
): Promise<WalletFile> {
  assertWalletName(name);
  assertPassword(password);
  const seed = await seedOf(mnemonic);
  return {
    shoalWallet: 1,
    name,
    createdMs: making.nowMs,
    mnemonic: await encryptSecret(Buffer.from(mnemonic), password, making.random, making.cost),
    accounts: [deriveAccount(seed, 0, "")],
    contacts: [],
  };
}

/**
 * A wallet of one imported key.
 * @param key 32 bytes.
 */
export async function makeKeyWallet(
  name: string,
  key: Uint8Array,
  password: string,
  making: KeyMaking,
): Promise<WalletFile> {
  assertWalletName(name);
  assertPassword(password);
  return {
    shoalWallet: 1,
    name,
    createdMs: making.nowMs,
    mnemonic: null,
    accounts: [await importAccount(key, "", password, making)],
    contacts: [],
  };
}

/** The address of an account on networks of a coin type. */
export function addressOf(account: AccountRecord, coin: number): Address {
  if (account.kind === "imported") return account.address;
  const address = account.addresses[coin];
  if (address !== undefined) return address;
  throw new AccountError("not-found", `The account has no address of coin type ${coin}.`);
}

/** The same as people write it on such networks: EIP-55, or base58check on TRON. */
export function addressTextOf(account: AccountRecord, coin: number): string {
  const address = addressOf(account, coin);
  return coin === TRON_COIN ? formatTronAddress(address) : formatEvmAddress(address);
}

/** A wallet's secrets, in memory until `lock`. */
export class UnlockedWallet {
  readonly #file: WalletFile;
  readonly #password: string;
  readonly #mnemonic: Mnemonic | null;
  readonly #seed: Uint8Array | null;
  readonly #signers = new Map<Address, KeySigner>();
  #isLocked = false;

  private constructor(
    file: WalletFile,
    password: string,
    mnemonic: Mnemonic | null,
    seed: Uint8Array | null,
  ) {
    this.#file = file;
    this.#password = password;
    this.#mnemonic = mnemonic;
    this.#seed = seed;
  }

  /**
   * @throws {AccountError} `wrong-password`; `tampered` when an address in the file is not its key's: money sent to it
   * would be somebody else's.
   */
  static async unlock(file: WalletFile, password: string): Promise<UnlockedWallet> {
    if (file.mnemonic === null) {
      const wallet = new UnlockedWallet(file, password, null, null);
      const [first] = file.accounts;
      if (first !== undefined) await wallet.#signerOf(first, EVM_COIN);
      return wallet;
    }
    const words = Buffer.from(await decryptSecret(file.mnemonic, password)).toString("utf8");
    const mnemonic = parseMnemonic(words);
    const seed = await seedOf(mnemonic);
    for (const account of file.accounts) {
      if (account.kind !== "derived") continue;
      const { addresses } = deriveAccount(seed, account.index, "");
      for (const coin of COINS) {
        if (addresses[coin] !== account.addresses[coin]) throw tampered(file.name);
      }
    }
    return new UnlockedWallet(file, password, mnemonic, seed);
  }

  /** Signs for an account on networks of a coin type. */
  async signer(account: AccountRecord, coin: number): Promise<KeySigner> {
    if (this.#isLocked) throw locked();
    return await this.#signerOf(account, coin);
  }

  /** The words: whoever sees them owns everything. Null for a wallet of imported keys alone. */
  revealMnemonic(): Mnemonic | null {
    if (this.#isLocked) throw locked();
    return this.#mnemonic;
  }

  /** An account's private key: 32 bytes. */
  async revealKey(account: AccountRecord, coin: number): Promise<Uint8Array> {
    if (this.#isLocked) throw locked();
    return await this.#keyOf(account, coin);
  }

  /** An account's key as a file of version 3, under a password of its own. */
  async exportKey(
    account: AccountRecord,
    coin: number,
    password: string,
    { random, cost }: KeyMaking,
  ): Promise<KeystoreV3> {
    assertPassword(password);
    const key = await this.revealKey(account, coin);
    try {
      return await encryptKey(key, addressOfKey(key), password, random, cost);
    } finally {
      key.fill(0);
    }
  }

  /** The next account of the mnemonic. */
  deriveNext(label: string): DerivedAccount {
    if (this.#isLocked) throw locked();
    if (this.#seed === null) {
      throw new AccountError(
        "not-allowed",
        "A wallet of imported keys has no mnemonic to derive from.",
      );
    }
    const indices = this.#file.accounts.map((account) =>
      account.kind === "derived" ? account.index : -1,
    );
    return deriveAccount(this.#seed, Math.max(-1, ...indices) + 1, label);
  }

  /** An account of a key from elsewhere, encrypted by this wallet's password. */
  async importKey(key: Uint8Array, label: string, making: KeyMaking): Promise<AccountRecord> {
    if (this.#isLocked) throw locked();
    return await importAccount(key, label, this.#password, making);
  }

  /** Forgets everything. */
  lock(): void {
    this.#isLocked = true;
    this.#seed?.fill(0);
    for (const signer of this.#signers.values()) signer.lock();
    this.#signers.clear();
  }

  async #signerOf(account: AccountRecord, coin: number): Promise<KeySigner> {
    const address = addressOf(account, coin);
    const known = this.#signers.get(address);
    if (known !== undefined) return known;
    const signer = new KeySigner(await this.#keyOf(account, coin));
    if (signer.address !== address) throw tampered(this.#file.name);
    this.#signers.set(address, signer);
    return signer;
  }

  async #keyOf(account: AccountRecord, coin: number): Promise<Uint8Array> {
    if (account.kind === "imported") return await decryptKey(account.keystore, this.#password);
    if (this.#seed === null) throw tampered(this.#file.name);
    return deriveKey(this.#seed, coin, account.index);
  }
}

/** @throws {AccountError} `not-allowed`. */
export function assertPassword(password: string): void {
  if (password.length >= MIN_PASSWORD_LENGTH) return;
  throw new AccountError(
    "not-allowed",
    `The password has to have ${MIN_PASSWORD_LENGTH} characters at least.`,
  );
}

function deriveAccount(seed: Uint8Array, index: number, label: string): DerivedAccount {
  const addresses: Record<string, Address> = {};
  for (const coin of COINS) {
    const key = deriveKey(seed, coin, index);
    addresses[coin] = addressOfKey(key);
    key.fill(0);
  }
  return { kind: "derived", index, label, addresses };
}

async function importAccount(
  key: Uint8Array,
  label: string,
  password: string,
  { random, cost }: KeyMaking,
): Promise<AccountRecord> {
  const address = addressOfKey(key);
  const keystore = await encryptKey(key, address, password, random, cost);
  return { kind: "imported", label, address, keystore };
}

function tampered(name: string): AccountError {
  return new AccountError(
    "tampered",
    `An address in the file of wallet ${name} does not belong to its key: somebody has changed the file. ` +
      "Restore the wallet from its words.",
  );
}

function locked(): AccountError {
  return new AccountError("locked", "The wallet is locked: unlock it with its password.");
}
