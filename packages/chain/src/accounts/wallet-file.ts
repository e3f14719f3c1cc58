import type { PrivateFolder } from "@shoal/runtime";
import { DiskError } from "@shoal/runtime";
import { AccountError } from "../errors.ts";
import { type Address, toAddress } from "../network/address.ts";
import type { EncryptedSecret, KeystoreV3 } from "./keystore.ts";

/** A wallet as it lies on disk: its secrets encrypted, its addresses readable without the password. */
export interface WalletFile {
  readonly shoalWallet: 1;
  readonly name: string;
  readonly createdMs: number;
  /** The mnemonic, encrypted as Web3 Secret Storage does; null when the wallet has imported keys alone. */
  readonly mnemonic: EncryptedSecret | null;
  /** In the order of their making. The first is the one that is meant where none is named. */
  readonly accounts: readonly AccountRecord[];
  readonly contacts: readonly Contact[];
}

export type AccountRecord = DerivedAccount | ImportedAccount;

/** An account of the mnemonic. */
export interface DerivedAccount {
  readonly kind: "derived";
  readonly index: number;
  readonly label: string;
  /** By BIP-44's coin type. */
  readonly addresses: Readonly<Record<string, Address>>;
}

/** A key from elsewhere: the same 20 bytes on every network. */
export interface ImportedAccount {
  readonly kind: "imported";
  readonly label: string;
  readonly address: Address;
  readonly keystore: KeystoreV3;
}

/** Somebody whose address has a name. */
export interface Contact {
  readonly name: string;
  readonly address: Address;
  /** The network that it is on, by name; null for any of its kind. */
  readonly network: string | null;
}

/** Names of wallets become names of files. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

const SUFFIX = ".wallet.json";

/** Everybody's wallets on this machine, one file each. */
export class WalletFolder {
  readonly #folder: PrivateFolder;

  constructor(folder: PrivateFolder) {
    this.#folder = folder;
  }

  /** Names, sorted. */
  async list(): Promise<string[]> {
    const files = await this.#folder.list();
    return files
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length));
  }

  /** @throws {AccountError} `not-found`; `bad-key-file` when it cannot be read as a wallet. */
  async read(name: string): Promise<WalletFile> {
    const bytes = await this.#folder.read(fileOf(name));
    if (bytes === null) {
      const others = await this.list();
      const advice =
        others.length === 0
          ? "Make one: shoal wallet create --name NAME --password-file FILE"
          : `There are: ${others.join(", ")}.`;
      throw new AccountError("not-found", `There is no wallet ${name} here. ${advice}`);
    }
    return parseWalletFile(Buffer.from(bytes).toString("utf8"));
  }

  /** @throws {AccountError} `exists` when there is a wallet of that name, which stays as it is. */
  async create(file: WalletFile): Promise<void> {
    try {
      await this.#folder.create(fileOf(file.name), toBytes(file));
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== "exists") throw error;
      throw new AccountError(
        "exists",
        `There is a wallet ${file.name} already: choose another name.`,
      );
    }
  }

  async write(file: WalletFile): Promise<void> {
    await this.#folder.write(fileOf(file.name), toBytes(file));
  }
}

/** @throws {AccountError} `bad-key-file` when it is none. */
export function parseWalletFile(text: string): WalletFile {
  let file: Partial<WalletFile>;
  try {
    file = JSON.parse(text) as Partial<WalletFile>;
  } catch {
    throw new AccountError("bad-key-file", "This file is no wallet: it is not JSON.");
  }
  const isWallet =
    typeof file === "object" &&
    file !== null &&
    file.shoalWallet === 1 &&
    typeof file.name === "string" &&
    Array.isArray(file.accounts) &&
    file.accounts.length > 0 &&
    Array.isArray(file.contacts);
  if (!isWallet) {
    throw new AccountError(
      "bad-key-file",
      "This file is no wallet of Shoal, or of a newer version.",
    );
  }
  for (const account of file.accounts ?? []) {
    const addresses =
      account.kind === "derived" ? Object.values(account.addresses) : [account.address];
    for (const address of addresses) toAddress(String(address));
  }
  return file as WalletFile;
}

/** @throws {AccountError} `bad-name`. */
export function assertWalletName(name: string): void {
  if (NAME.test(name)) return;
  throw new AccountError(
    "bad-name",
    `${JSON.stringify(name)} is no name for a wallet: small letters, digits, - and _, 64 at the most.`,
  );
}

function fileOf(name: string): string {
  assertWalletName(name);
  return name + SUFFIX;
}

function toBytes(file: WalletFile): Uint8Array {
  return Buffer.from(`${JSON.stringify(file, null, 2)}\n`);
}
