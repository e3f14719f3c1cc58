import {
  type AccountRecord,
  AccountError,
  drawMnemonic,
  type KeyMaking,
  makeWallet,
  parseMnemonic,
  type Signer,
  UnlockedWallet,
  type WalletFile,
  type WalletFolder,
} from "@shoal/chain";
import type { Clock, Random, Timer } from "@shoal/runtime";
import { NodeError } from "../errors.ts";

export interface WalletsInit {
  readonly folder: WalletFolder;
  readonly clock: Clock;
  readonly random: Random;
  /** What a guess at a password costs; much, when absent. */
  readonly cost?: KeyMaking["cost"];
}

interface Unlocked {
  readonly wallet: UnlockedWallet;
  readonly timer: Timer;
}

/** Passwords that are tried at once; each takes a second and 128 MiB. */
const MAX_TRIES_WAITING = 4;

/**
 * The wallets of this node: encrypted on disk, and in memory while they are unlocked. Keys leave it as signers alone.
 */
export class Wallets {
  readonly #init: WalletsInit;
  readonly #unlocked = new Map<string, Unlocked>();
  readonly #listeners = new Set<(name: string) => void>();
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(init: WalletsInit) {
    this.#init = init;
  }

  async list(): Promise<WalletFile[]> {
    const { folder } = this.#init;
    return await Promise.all((await folder.list()).map((name) => folder.read(name)));
  }

  /** @throws {AccountError} `not-found`. */
  async read(name: string): Promise<WalletFile> {
    return await this.#init.folder.read(name);
  }

  isUnlocked(name: string): boolean {
    return this.#unlocked.has(name);
  }

  /** Told of a wallet's name when it is made, unlocked or locked. @returns A function that removes it. */
  on(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Makes a wallet of new words, or of words that are there.
   * @returns the words where they are new: shown this once.
   * @throws {AccountError} `exists`, `bad-name`, `bad-mnemonic`, `weak-password`.
   */
  async create(
    name: string,
    password: string,
    words: string | undefined,
  ): Promise<{ readonly file: WalletFile; readonly words: string | null }> {
    const { folder, random, clock, cost } = this.#init;
    const mnemonic = words === undefined ? drawMnemonic(random) : parseMnemonic(words);
    const making: KeyMaking = {
      ...{ random, nowMs: clock.nowMs() },
      ...(cost !== undefined && { cost }),
    };
    const file = await this.#inTurn(() => makeWallet(name, mnemonic, password, making));
    await folder.create(file);
    this.#tell(name);
    return { file, words: words === undefined ? mnemonic : null };
  }

  async write(file: WalletFile): Promise<void> {
    await this.#init.folder.write(file);
    this.#tell(file.name);
  }

  /**
   * Keeps the keys in memory for a while.
   * @throws {AccountError} `wrong-password`, `not-found`; {NodeError} `too-many-requests`.
   */
  async unlock(name: string, password: string, forMs: number): Promise<void> {
    const file = await this.read(name);
    const wallet = await this.#inTurn(() => UnlockedWallet.unlock(file, password));
    this.#forget(name);
    const timer = this.#init.clock.setTimer(forMs, () => this.lock(name));
    this.#unlocked.set(name, { wallet, timer });
    this.#tell(name);
  }

  /** Forgets the keys. */
  lock(name: string): void {
    if (this.#forget(name)) this.#tell(name);
  }

  /**
   * Who signs for an account on networks of a coin type. It refuses once the wallet is locked.
   * @throws {AccountError} `locked`, `not-found`.
   */
  async signer(name: string, account: AccountRecord, coin: number): Promise<Signer> {
    const unlocked = this.#unlocked.get(name);
    if (unlocked === undefined) {
      throw new AccountError("locked", `The wallet ${name} is locked: unlock it first.`);
    }
    return await unlocked.wallet.signer(account, coin);
  }

  /** Unlocks for as long as `use` takes, whatever the wallet was before. */
  async withPassword<T>(
    name: string,
    password: string,
    account: AccountRecord,
    coin: number,
    use: (signer: Signer) => Promise<T>,
  ): Promise<T> {
    const file = await this.read(name);
    const wallet = await this.#inTurn(() => UnlockedWallet.unlock(file, password));
    try {
      return await use(await wallet.signer(account, coin));
    } finally {
      wallet.lock();
    }
  }

  close(): void {
    for (const name of this.#unlocked.keys()) this.#forget(name);
    this.#listeners.clear();
  }

  #forget(name: string): boolean {
    const unlocked = this.#unlocked.get(name);
    unlocked?.timer.cancel();
    unlocked?.wallet.lock();
    return this.#unlocked.delete(name);
  }

  #tell(name: string): void {
    for (const listener of this.#listeners) listener(name);
  }

  /** One after another, so that whoever guesses passwords takes neither all memory nor all time. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_TRIES_WAITING) {
      throw new NodeError(
        "too-many-requests",
        "Too many passwords are being tried: wait a little.",
        { reason: "too-many-passwords" },
      );
    }
    this.#waiting++;
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }
}

/** @throws {AccountError} `not-found`. */
export function accountOf({ name, accounts }: WalletFile, number: number): AccountRecord {
  const account = accounts[number];
  if (account !== undefined) return account;
  throw new AccountError(
    "not-found",
    `Wallet ${name} has no account ${number}: they go from 0 to ${accounts.length - 1}.`,
  );
}
