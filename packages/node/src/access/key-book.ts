import { type Scope, SCOPES } from "@shoal/api";
import type { Clock, Random, Tables } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { createSecret, hashSecret } from "./secret.ts";

/** Known by its beginning: programs that look for leaked secrets in sources find it. */
const KEY_PREFIX = "shoal_";
const ID_BYTES = 6;

/** More than any household has programs. */
const MAX_KEYS = 100;

/** Use is written down so often. */
const USE_STEP_MS = 60_000;

/** What is told of an API key after its making: all but its secret. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  /** To a minute; null before its first use. */
  readonly lastUsedAtMs: number | null;
}

interface KeptKey extends ApiKey {
  readonly hash: string;
  lastUsedAtMs: number | null;
}

/** The keys of programs. */
export class KeyBook {
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #byHash: Map<string, KeptKey>;

  private constructor(
    ports: { readonly tables: Tables; readonly clock: Clock; readonly random: Random },
    keys: readonly KeptKey[],
  ) {
    this.#tables = ports.tables;
    this.#clock = ports.clock;
    this.#random = ports.random;
    this.#byHash = new Map(keys.map((key) => [key.hash, key]));
  }

  static async open(ports: {
    readonly tables: Tables;
    readonly clock: Clock;
    readonly random: Random;
  }): Promise<KeyBook> {
    const rows = await ports.tables.select({
      sql: "SELECT id, hex(hash) AS hash, name, scopes, created_ms, used_ms FROM node_access_keys",
    });
    const keys = rows.map((row) => {
      const stored = String(row["scopes"]).split(" ");
      return {
        id: String(row["id"]),
        hash: String(row["hash"]).toLowerCase(),
        name: String(row["name"]),
        scopes: SCOPES.filter((scope) => stored.includes(scope)),
        createdAtMs: Number(row["created_ms"]),
        lastUsedAtMs: row["used_ms"] === null ? null : Number(row["used_ms"]),
      };
    });
    return new KeyBook(ports, keys);
  }

  /** Oldest first. */
  list(): readonly ApiKey[] {
    return [...this.#byHash.values()]
      .map(withoutHash)
      .toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  }

  /**
   * Makes a key, on disk for certain when it answers.
   * @returns it with its secret, which nobody can show again.
   * @throws {NodeError} `conflict` when there are too many.
   */
  async create(
    name: string,
    scopes: readonly Scope[],
  ): Promise<ApiKey & { readonly secret: string }> {
    if (this.#byHash.size >= MAX_KEYS) {
      const text = `There are ${MAX_KEYS} API keys already: revoke one that is not used any more.`;
      throw new NodeError("conflict", text);
    }
    const secret = KEY_PREFIX + createSecret(this.#random);
    const key: KeptKey = {
      id: Buffer.from(this.#random.bytes(ID_BYTES)).toString("hex"),
      hash: hashSecret(secret),
      name,
      scopes: SCOPES.filter((scope) => scopes.includes(scope)),
      createdAtMs: Math.floor(this.#clock.nowMs()),
      lastUsedAtMs: null,
    };
    await this.#tables.commit(
      [
        {
          sql:
            "INSERT INTO node_access_keys (id, hash, name, scopes, created_ms) " +
            "VALUES (?, unhex(?), ?, ?, ?)",
          parameters: [key.id, key.hash, name, key.scopes.join(" "), key.createdAtMs],
        },
      ],
      "full",
    );
    this.#byHash.set(key.hash, key);
    return { ...withoutHash(key), secret };
  }

  /**
   * Ends a key, at once and for certain.
   * @throws {NodeError} `not-found`.
   */
  async revoke(id: string): Promise<void> {
    const key = [...this.#byHash.values()].find((each) => each.id === id);
    if (key === undefined) throw new NodeError("not-found", `There is no API key ${id}.`);
    this.#byHash.delete(key.hash);
    const sql = "DELETE FROM node_access_keys WHERE id = ?";
    await this.#tables.commit([{ sql, parameters: [id] }], "full");
  }

  /** @returns The key of a secret, whose use is noted; null when there is none. */
  use(secret: string): ApiKey | null {
    const key = this.#byHash.get(hashSecret(secret));
    if (key === undefined) return null;
    const nowMs = Math.floor(this.#clock.nowMs());
    if (Math.abs(nowMs - (key.lastUsedAtMs ?? -USE_STEP_MS)) >= USE_STEP_MS) {
      key.lastUsedAtMs = nowMs;
      const sql = "UPDATE node_access_keys SET used_ms = ? WHERE id = ?";
      // A date to look at: losing one costs nothing.
      this.#tables.commit([{ sql, parameters: [nowMs, key.id] }], "normal").catch(() => {});
    }
    return key;
  }
}

function withoutHash({ id, name, scopes, createdAtMs, lastUsedAtMs }: KeptKey): ApiKey {
  return { id, name, scopes, createdAtMs, lastUsedAtMs };
}
