import type { Clock, Random, SqlStatement, Store, Tables } from "@shoal/runtime";
import { createSecret, hashSecret } from "../access/secret.ts";
import { NodeError } from "../errors.ts";
import { SITES_SCHEMA } from "./sites-schema.ts";

/** More than anybody uses; each is somebody who may ask for signatures. */
export const MAX_SITES = 200;

/** Browsers and profiles of a household that have one site open; the one that came first gives way. */
export const MAX_TOKENS = 8;

const ID_BYTES = 6;

/** Use is written down so often. */
const USE_STEP_MS = 60_000;

/** What a site sees: one account, on one network. */
export interface SiteChoice {
  readonly wallet: string;
  readonly account: number;
  readonly network: string;
}

/** A site that the user has connected. */
export interface Site extends SiteChoice {
  readonly id: string;
  readonly origin: string;
  readonly createdAtMs: number;
  /** To a minute. */
  readonly lastUsedAtMs: number;
}

interface Token {
  readonly hash: string;
  readonly siteId: string;
}

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
}

/** The sites that are connected, one of each origin, and the secrets by which their pages are known. */
export class SiteBook {
  readonly #tables: Tables;
  readonly #ports: Ports;
  readonly #sites = new Map<string, Site>();
  /** By their hashes, oldest first. */
  readonly #tokens = new Map<string, Token>();

  private constructor(tables: Tables, ports: Ports) {
    this.#tables = tables;
    this.#ports = ports;
  }

  /** @throws {StoreError} */
  static async open({ store, ...ports }: Ports & { readonly store: Store }): Promise<SiteBook> {
    const tables = await store.open(SITES_SCHEMA);
    const book = new SiteBook(tables, ports);
    for (const row of await tables.select({ sql: "SELECT * FROM node_sites" })) {
      const id = String(row["id"]);
      book.#sites.set(id, {
        id,
        origin: String(row["origin"]),
        wallet: String(row["wallet"]),
        account: Number(row["account"]),
        network: String(row["network"]),
        createdAtMs: Number(row["created_ms"]),
        lastUsedAtMs: Number(row["used_ms"]),
      });
    }
    const sql = "SELECT hex(hash) AS hash, site FROM node_site_tokens ORDER BY created_ms";
    for (const row of await tables.select({ sql })) {
      const hash = String(row["hash"]).toLowerCase();
      const token = { hash, siteId: String(row["site"]) };
      book.#tokens.set(hash, token);
    }
    return book;
  }

  /** By origin. */
  list(): readonly Site[] {
    return [...this.#sites.values()].toSorted((a, b) => (a.origin < b.origin ? -1 : 1));
  }

  /** @throws {NodeError} `not-found`. */
  get(id: string): Site {
    const site = this.#sites.get(id);
    if (site === undefined) throw new NodeError("not-found", `No site ${id} is connected.`);
    return site;
  }

  /** @returns The site of a token, whose use is noted; null when it is of none, or of another origin. */
  use(origin: string, token: string): Site | null {
    const site = this.#sites.get(this.#tokens.get(hashSecret(token))?.siteId ?? "");
    if (site?.origin !== origin) return null;
    const nowMs = this.#now();
    if (Math.abs(nowMs - site.lastUsedAtMs) < USE_STEP_MS) return site;
    const used = { ...site, lastUsedAtMs: nowMs };
    this.#sites.set(site.id, used);
    const sql = "UPDATE node_sites SET used_ms = ? WHERE id = ?";
    // A date to look at: losing one costs nothing.
    this.#tables.commit([{ sql, parameters: [nowMs, site.id] }], "normal").catch(() => {});
    return used;
  }

  /**
   * Connects a site, or lets another of its user's browsers in; on disk for certain when it answers.
   * @returns its token, which nobody can show again.
   * @throws {NodeError} `conflict` when there are too many.
   */
  async connect(
    origin: string,
    { wallet, account, network }: SiteChoice,
  ): Promise<{ readonly site: Site; readonly token: string }> {
    const nowMs = this.#now();
    const known = [...this.#sites.values()].find((each) => each.origin === origin);
    if (known === undefined && this.#sites.size >= MAX_SITES) {
      const text = `${MAX_SITES} sites are connected already: disconnect one that is not used any more.`;
      throw new NodeError("conflict", text);
    }
    const id = known?.id ?? Buffer.from(this.#ports.random.bytes(ID_BYTES)).toString("hex");
    const createdAtMs = known?.createdAtMs ?? nowMs;
    const site: Site = {
      ...{ id, origin, wallet, account, network, createdAtMs },
      lastUsedAtMs: nowMs,
    };
    const secret = createSecret(this.#ports.random);
    const token: Token = { hash: hashSecret(secret), siteId: id };
    const gone = this.#tokensOf(id).slice(MAX_TOKENS - 1);
    await this.#tables.commit(
      [
        {
          sql:
            "INSERT INTO node_sites (id, origin, wallet, account, network, created_ms, used_ms) " +
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET " +
            "wallet = excluded.wallet, account = excluded.account, network = excluded.network",
          parameters: [id, origin, wallet, account, network, createdAtMs, nowMs],
        },
        ...gone.map(({ hash }) => removal("node_site_tokens WHERE hash = unhex(?)", hash)),
        {
          sql: "INSERT INTO node_site_tokens (hash, site, created_ms) VALUES (unhex(?), ?, ?)",
          parameters: [token.hash, id, nowMs],
        },
      ],
      "full",
    );
    for (const { hash } of gone) this.#tokens.delete(hash);
    this.#sites.set(id, site);
    this.#tokens.set(token.hash, token);
    return { site, token: secret };
  }

  /** Shows a site another account or network. @throws {NodeError} `not-found`. */
  async change(id: string, { wallet, account, network }: SiteChoice): Promise<Site> {
    const site: Site = { ...this.get(id), wallet, account, network };
    const sql = "UPDATE node_sites SET wallet = ?, account = ?, network = ? WHERE id = ?";
    await this.#tables.commit([{ sql, parameters: [wallet, account, network, id] }], "full");
    this.#sites.set(id, site);
    return site;
  }

  /** Ends a connection and all its tokens, at once and for certain. @throws {NodeError} `not-found`. */
  async remove(id: string): Promise<void> {
    this.get(id);
    this.#sites.delete(id);
    for (const { hash } of this.#tokensOf(id)) this.#tokens.delete(hash);
    await this.#tables.commit(
      [removal("node_site_tokens WHERE site = ?", id), removal("node_sites WHERE id = ?", id)],
      "full",
    );
  }

  /** Newest first. */
  #tokensOf(id: string): Token[] {
    return [...this.#tokens.values()].filter(({ siteId }) => siteId === id).toReversed();
  }

  #now(): number {
    return Math.floor(this.#ports.clock.nowMs());
  }
}

function removal(what: string, parameter: string): SqlStatement {
  return { sql: `DELETE FROM ${what}`, parameters: [parameter] };
}
