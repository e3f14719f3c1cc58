import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock, Random, SqlStatement, Tables } from "@shoal/runtime";
import { NodeError, TooManyAttemptsError } from "../errors.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { SignInLimiter } from "./sign-in-limiter.ts";

/** Each holds 32 MiB while it is checked, one after another; more that wait are refused. */
const MAX_WAITING = 8;
const BUSY_MS = 2_000;

/** The one password, and how often it may be tried. */
export class PasswordDoor {
  readonly #clock: Clock;
  readonly #hasher: PasswordHasher;
  readonly #limiter: SignInLimiter;
  /** Of this run alone: what a password that was right is remembered by. */
  readonly #memoKey: Uint8Array;
  #stored: string | null;
  #memo: Buffer | null = null;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    ports: { readonly clock: Clock; readonly random: Random; readonly hasher: PasswordHasher },
    stored: string | null,
  ) {
    this.#clock = ports.clock;
    this.#hasher = ports.hasher;
    this.#limiter = new SignInLimiter(ports.clock.monotonicMs());
    this.#memoKey = ports.random.bytes(32);
    this.#stored = stored;
  }

  static async open(ports: {
    readonly tables: Tables;
    readonly clock: Clock;
    readonly random: Random;
    readonly hasher: PasswordHasher;
  }): Promise<PasswordDoor> {
    const [row] = await ports.tables.select({ sql: "SELECT hash FROM node_access_password" });
    return new PasswordDoor(ports, row === undefined ? null : String(row["hash"]));
  }

  get isSet(): boolean {
    return this.#stored !== null;
  }

  /**
   * Returns when the password is right.
   * @throws {TooManyAttemptsError}
   * @throws {NodeError} `unauthorized`; `conflict` when none is set.
   */
  async check(password: string, address: string): Promise<void> {
    const stored = this.#stored;
    if (stored === null) throw new NodeError("conflict", "No password is set yet.");
    if (this.#waiting >= MAX_WAITING) throw new TooManyAttemptsError(BUSY_MS);
    const waitMs = this.#limiter.begin(address, this.#clock.monotonicMs());
    if (waitMs > 0) throw new TooManyAttemptsError(waitMs);
    if (!(await this.#inTurn(() => this.#hasher.verify(password, stored)))) {
      throw new NodeError("unauthorized", "The password is wrong.", { reason: "wrong-password" });
    }
    this.#limiter.succeed(address);
  }

  /**
   * The same for tools that send the password with every request: one that was right lately costs nothing.
   * @throws as `check` does.
   */
  async checkAgain(password: string, address: string): Promise<void> {
    if (this.remembers(password)) return;
    const stored = this.#stored;
    await this.check(password, address);
    if (this.#stored === stored) this.#memo = this.#memoOf(password);
  }

  /** Whether it is the one that was right lately. */
  remembers(password: string): boolean {
    return this.#memo !== null && timingSafeEqual(this.#memoOf(password), this.#memo);
  }

  /** @param commit Writes the statement, durably. */
  async set(
    password: string,
    commit: (statements: readonly SqlStatement[]) => Promise<void>,
  ): Promise<void> {
    const hash = await this.#inTurn(() => this.#hasher.hash(password));
    const sql = "INSERT OR REPLACE INTO node_access_password (id, hash) VALUES (1, ?)";
    await commit([{ sql, parameters: [hash] }]);
    this.#stored = hash;
    this.#memo = null;
  }

  #memoOf(password: string): Buffer {
    return createHmac("sha256", this.#memoKey).update(password).digest();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }
}
