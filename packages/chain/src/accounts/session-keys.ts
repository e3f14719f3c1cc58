import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Clock, PrivateFolder, Random, Store, StoreSchema, Tables } from "@shoal/runtime";
import { AccountError } from "../errors.ts";
import { type Address, type Hex, toAddress } from "../network/address.ts";
import { addressOfKey } from "./derive-key.ts";
import { KeySigner } from "./key-signer.ts";
import type { Signer, SigningRequest } from "./signer.ts";
import { SPENDING_SCHEMA, type SpendingLimit, SpendingMeter } from "./spending-meter.ts";

/** What a session key may do. */
export interface SessionTerms {
  /** The account that it acts for. */
  readonly owner: Address;
  readonly chainId: number;
  /** Vouchers alone, as a rule: what a transaction does cannot always be told from its bytes. */
  readonly purposes: readonly SigningRequest["purpose"][];
  /** What has no limit may not be spent at all. */
  readonly limits: readonly SpendingLimit[];
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

export interface Session {
  /** The key's own address: a channel's `signer`. */
  readonly address: Address;
  readonly terms: SessionTerms;
  readonly createdMs: number;
  readonly isRevoked: boolean;
}

export interface SessionKeysOptions {
  readonly store: Store;
  /** Of this device alone, and in no backup: without its key no session key can be read. */
  readonly folder: PrivateFolder;
  readonly random: Random;
  readonly clock: Clock;
}

const DEVICE_FILE = "device.key";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const SCHEMA: StoreSchema = {
  name: "chain_sessions",
  migrations: [
    `CREATE TABLE chain_sessions (
       address TEXT PRIMARY KEY,
       terms TEXT NOT NULL,
       key BLOB NOT NULL,
       created_ms INTEGER NOT NULL,
       is_revoked INTEGER NOT NULL
     ) STRICT;`,
  ],
};

/**
 * Keys by which this device spends without asking for the password each time, within limits. They are encrypted by a key
 * of the device: whoever has the store or a backup alone has none of them, and `lock` makes all of them useless at once.
 */
export class SessionKeys {
  readonly #options: SessionKeysOptions;
  readonly #sessions: Tables;
  readonly #spending: Tables;
  readonly #meters = new Map<Address, SpendingMeter>();

  private constructor(options: SessionKeysOptions, sessions: Tables, spending: Tables) {
    this.#options = options;
    this.#sessions = sessions;
    this.#spending = spending;
  }

  static async open(options: SessionKeysOptions): Promise<SessionKeys> {
    const { store } = options;
    return new SessionKeys(options, await store.open(SCHEMA), await store.open(SPENDING_SCHEMA));
  }

  /** Makes a key with these terms, which never change. */
  async create(terms: SessionTerms): Promise<Session> {
    const { random, clock } = this.#options;
    const key = random.bytes(KEY_BYTES);
    const address = addressOfKey(key);
    const createdMs = clock.nowMs();
    const text = toJson(terms);
    const sealed = this.#seal(await this.#deviceKey(true), key, address + text);
    key.fill(0);
    await this.#sessions.commit(
      [
        {
          sql: "INSERT INTO chain_sessions (address, terms, key, created_ms, is_revoked) VALUES (?, ?, ?, ?, 0)",
          parameters: [address, text, sealed, createdMs],
        },
      ],
      "full",
    );
    return { address, terms, createdMs, isRevoked: false };
  }

  async list(): Promise<Session[]> {
    const rows = await this.#sessions.select({
      sql: "SELECT address, terms, created_ms, is_revoked FROM chain_sessions ORDER BY created_ms",
    });
    return rows.map((row) => ({
      address: toAddress(String(row.address)),
      terms: fromJson(String(row.terms)),
      createdMs: Number(row.created_ms),
      isRevoked: row.is_revoked === 1,
    }));
  }

  /**
   * Signs by a session key.
   * @throws {AccountError} `not-found`; `locked` when the device's key is gone; `tampered` when the terms in the store are
   * not those that the key was made with.
   */
  async signer(address: Address): Promise<Signer> {
    const [row] = await this.#sessions.select({
      sql: "SELECT terms, key FROM chain_sessions WHERE address = ?",
      parameters: [address],
    });
    if (row === undefined)
      throw new AccountError("not-found", `There is no session key ${address}.`);
    const text = String(row.terms);
    const key = this.#unseal(await this.#deviceKey(false), row.key as Uint8Array, address + text);
    const inner = new KeySigner(key);
    const terms = fromJson(text);
    const meter = this.#meterOf(address, terms);
    return {
      address,
      sign: async (request: SigningRequest): Promise<Hex> => {
        await this.#assertAllowed(address, terms, request);
        await meter.charge(request.spends);
        return await inner.sign(request);
      },
    };
  }

  /** Ends a session for good. */
  async revoke(address: Address): Promise<void> {
    await this.#sessions.commit(
      [
        {
          sql: "UPDATE chain_sessions SET is_revoked = 1, key = x'' WHERE address = ?",
          parameters: [address],
        },
      ],
      "full",
    );
  }

  /** Ends all sessions of this device: nothing is signed from here on without a password. */
  async lock(): Promise<void> {
    await this.#options.folder.remove(DEVICE_FILE);
    await this.#sessions.commit(
      [{ sql: "UPDATE chain_sessions SET is_revoked = 1, key = x''" }],
      "full",
    );
  }

  async #assertAllowed(
    address: Address,
    terms: SessionTerms,
    request: SigningRequest,
  ): Promise<void> {
    const { chainId, purposes, expiresAtMs } = terms;
    if (!purposes.includes(request.purpose)) {
      throw new AccountError(
        "not-allowed",
        `A session key for ${purposes.join(", ")} signs no ${request.purpose}.`,
      );
    }
    if (request.chainId !== chainId) {
      throw new AccountError("not-allowed", `This session key is for chain ${chainId} alone.`);
    }
    if (this.#options.clock.nowMs() >= expiresAtMs) {
      throw new AccountError("expired", "The session is over: begin another with the password.");
    }
    const [row] = await this.#sessions.select({
      sql: "SELECT is_revoked FROM chain_sessions WHERE address = ?",
      parameters: [address],
    });
    if (row?.is_revoked === 0) return;
    throw new AccountError("locked", "The session was ended: begin another with the password.");
  }

  #meterOf(address: Address, { limits }: SessionTerms): SpendingMeter {
    const known = this.#meters.get(address);
    if (known !== undefined) return known;
    const meter = new SpendingMeter(address, limits, this.#spending, this.#options.clock);
    this.#meters.set(address, meter);
    return meter;
  }

  async #deviceKey(mayMake: boolean): Promise<Uint8Array> {
    const { folder, random } = this.#options;
    const found = await folder.read(DEVICE_FILE);
    if (found?.length === KEY_BYTES) return found;
    if (!mayMake) {
      throw new AccountError("locked", "This device is locked: begin a session with the password.");
    }
    const key = random.bytes(KEY_BYTES);
    await folder.write(DEVICE_FILE, key);
    return key;
  }

  /** AES-256-GCM; what the key may do is sealed with it, so that nobody raises a limit in the store. */
  #seal(deviceKey: Uint8Array, key: Uint8Array, terms: string): Uint8Array {
    const nonce = this.#options.random.bytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", deviceKey, nonce).setAAD(Buffer.from(terms));
    const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
    return Uint8Array.from(Buffer.concat([nonce, sealed, cipher.getAuthTag()]));
  }

  #unseal(deviceKey: Uint8Array, sealed: Uint8Array, terms: string): Uint8Array {
    if (sealed.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES) {
      throw new AccountError("locked", "The session was ended: begin another with the password.");
    }
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const tag = sealed.subarray(-TAG_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", deviceKey, nonce);
    decipher.setAAD(Buffer.from(terms)).setAuthTag(tag);
    try {
      const part = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
      return Uint8Array.from(Buffer.concat([part, decipher.final()]));
    } catch {
      throw new AccountError(
        "tampered",
        "What this session key may do was changed after its making, or it is another device's: begin another.",
      );
    }
  }
}

function toJson(terms: SessionTerms): string {
  const limits = terms.limits.map((limit) => ({ ...limit, amount: limit.amount.toString() }));
  return JSON.stringify({ ...terms, limits });
}

function fromJson(text: string): SessionTerms {
  const { limits, ...terms } = JSON.parse(text) as Omit<SessionTerms, "limits"> & {
    readonly limits: readonly (Omit<SpendingLimit, "amount"> & { readonly amount: string })[];
  };
  return { ...terms, limits: limits.map((limit) => ({ ...limit, amount: BigInt(limit.amount) })) };
}
