import type { Clock, SqlRow, SqlStatement, Store, Tables, Timer } from "@shoal/runtime";
import type { ChannelId, ChannelKey } from "../channel/channel-key.ts";
import type { Claim, TorrentReceipt } from "./claim.ts";
import type { Claims } from "./claims.ts";
import { SPEED_SCHEMA } from "../store/speed-schema.ts";
import { toKey } from "../store/to-key.ts";

/** Vouchers that come within so long share one write to the disk. */
const GROUP_MS = 100;
/** A write that failed, for want of room perhaps, is tried again. */
const RETRY_MS = 1000;

const UPSERT = `INSERT INTO speed_claims
    (channel, network, payer, payee, signer, challenge_seconds, salt, total, r, vs, redeemed, debt, forgiven,
    is_ending)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (channel) DO UPDATE SET total = excluded.total, r = excluded.r, vs = excluded.vs,
    redeemed = excluded.redeemed, debt = excluded.debt, forgiven = excluded.forgiven,
    is_ending = excluded.is_ending`;
/** A payer that has forgotten what it said begins again: its lower totals take nothing away. */
const UPSERT_RECEIPT = `INSERT INTO speed_receipts (channel, torrent, size, total, r, vs)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (channel, torrent) DO UPDATE SET size = excluded.size, total = excluded.total,
    r = excluded.r, vs = excluded.vs
  WHERE length(excluded.total) > length(total)
    OR (length(excluded.total) = length(total) AND excluded.total >= total)`;

/** A receipt, and what is on chain of it. */
export interface StoredReceipt extends TorrentReceipt {
  /** Wei of its total that were written down on chain. */
  readonly attributed: bigint;
}

/** Claims in the store: written in groups, off the main thread, safe at a power cut once they are said to be durable. */
export class ClaimStore implements Claims {
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #network: string;
  readonly #claims: Map<ChannelId, Claim>;
  readonly #durable: Map<ChannelId, bigint>;
  readonly #changed = new Set<ChannelId>();
  readonly #receipts = new Map<string, TorrentReceipt>();
  readonly #listeners = new Set<(channel: ChannelId) => void>();
  #timer: Timer | undefined;
  #writing: Promise<void> | null = null;
  /** What waits is to be written as soon as the write under way has ended. */
  #isHurried = false;
  /** What the last write failed with; null when it did not. */
  #failure: Error | null = null;

  private constructor(
    init: { readonly clock: Clock; readonly network: string },
    tables: Tables,
    claims: readonly Claim[],
  ) {
    this.#clock = init.clock;
    this.#network = init.network;
    this.#tables = tables;
    this.#claims = new Map(claims.map((claim) => [claim.channel, claim]));
    this.#durable = new Map(claims.map(({ channel, total }) => [channel, total]));
  }

  /**
   * @param init.network Names chain and contract: claims of another are not these.
   * @throws {StoreError}
   */
  static async open(init: {
    readonly store: Store;
    readonly clock: Clock;
    readonly network: string;
  }): Promise<ClaimStore> {
    const tables = await init.store.open(SPEED_SCHEMA);
    const rows = await tables.select({
      sql: "SELECT * FROM speed_claims WHERE network = ?",
      parameters: [init.network],
    });
    return new ClaimStore(init, tables, rows.map(toClaim));
  }

  /** What the last attempt to write failed with; null when all is well. */
  get failure(): Error | null {
    return this.#failure;
  }

  of(channel: ChannelId, key: ChannelKey): Claim {
    const known = this.#claims.get(channel);
    if (known !== undefined) return known;
    const none = { total: 0n, signature: null, redeemed: 0n, debt: 0n, forgiven: 0n };
    return { channel, key, ...none, isEnding: false };
  }

  /** All claims, in no order. */
  all(): readonly Claim[] {
    return [...this.#claims.values()];
  }

  /** A channel's receipts that are on disk, by torrent. */
  async receipts(channel: ChannelId): Promise<readonly StoredReceipt[]> {
    const rows = await this.#tables.select({
      sql: "SELECT * FROM speed_receipts WHERE channel = ? ORDER BY torrent",
      parameters: [channel],
    });
    return rows.map(toReceipt);
  }

  /** Receipts on disk that say more than the chain was told, by channel and torrent. */
  async unattributed(): Promise<readonly StoredReceipt[]> {
    const rows = await this.#tables.select({
      sql: `SELECT r.* FROM speed_receipts r JOIN speed_claims c ON c.channel = r.channel
        WHERE c.network = ? AND r.attributed <> r.total ORDER BY r.channel, r.torrent`,
      parameters: [this.#network],
    });
    return rows.map(toReceipt);
  }

  /** Keeps that the totals of these receipts are on chain. @throws {StoreError} */
  async noteAttributed(receipts: readonly TorrentReceipt[]): Promise<void> {
    await this.#tables.commit(
      receipts.map(({ channel, torrent, total }) => ({
        sql: "UPDATE speed_receipts SET attributed = ? WHERE channel = ? AND torrent = ?",
        parameters: [total.toString(), channel, torrent],
      })),
    );
  }

  put(claim: Claim): void {
    this.#claims.set(claim.channel, claim);
    this.#changed.add(claim.channel);
    this.#schedule(GROUP_MS);
  }

  putReceipt(receipt: TorrentReceipt): void {
    this.#receipts.set(`${receipt.channel} ${receipt.torrent}`, receipt);
    this.#schedule(GROUP_MS);
  }

  durableTotal(channel: ChannelId): bigint {
    return this.#durable.get(channel) ?? 0n;
  }

  onDurable(listener: (channel: ChannelId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  hurry(): void {
    if (this.#writing !== null) {
      this.#isHurried = true;
      return;
    }
    this.#unschedule();
    void this.#write();
  }

  /**
   * Answers once everything is on disk that was put before.
   * @throws {StoreError} when it cannot be.
   */
  async flush(): Promise<void> {
    while (this.#changed.size > 0 || this.#receipts.size > 0 || this.#writing !== null) {
      await (this.#writing ?? this.#write());
      if (this.#failure !== null) throw this.#failure;
    }
    this.#unschedule();
  }

  #schedule(delayMs: number): void {
    this.#timer ??= this.#clock.setTimer(delayMs, () => {
      this.#timer = undefined;
      void this.#write();
    });
  }

  #unschedule(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** One write at a time: what comes meanwhile is the next one. */
  async #write(): Promise<void> {
    if (this.#writing !== null) return this.#schedule(GROUP_MS);
    if (this.#changed.size === 0 && this.#receipts.size === 0) return;
    const claims = [...this.#changed].map((channel) => this.#claims.get(channel)!);
    const receipts = [...this.#receipts.values()];
    this.#changed.clear();
    this.#receipts.clear();
    this.#writing = this.#commit(claims, receipts);
    await this.#writing;
    this.#writing = null;
    const isHurried = this.#isHurried && this.#failure === null;
    this.#isHurried = false;
    if (isHurried) this.hurry();
  }

  async #commit(claims: readonly Claim[], receipts: readonly TorrentReceipt[]): Promise<void> {
    const statements: SqlStatement[] = [
      ...claims.map((claim) => this.#upsert(claim)),
      ...receipts.map(upsertReceipt),
    ];
    try {
      await this.#tables.commit(statements, "full");
    } catch (error) {
      this.#failure = error as Error;
      for (const { channel } of claims) this.#changed.add(channel);
      for (const receipt of receipts) {
        const name = `${receipt.channel} ${receipt.torrent}`;
        if (!this.#receipts.has(name)) this.#receipts.set(name, receipt);
      }
      this.#schedule(RETRY_MS);
      return;
    }
    this.#failure = null;
    for (const { channel, total } of claims) {
      this.#durable.set(channel, total);
      for (const listener of this.#listeners) listener(channel);
    }
  }

  #upsert({
    channel,
    key,
    total,
    signature,
    redeemed,
    debt,
    forgiven,
    isEnding,
  }: Claim): SqlStatement {
    return {
      sql: UPSERT,
      parameters: [
        channel,
        this.#network,
        key.payer,
        key.payee,
        key.signer,
        key.challengeSeconds,
        key.salt.toString(),
        total.toString(),
        signature?.r ?? null,
        signature?.vs ?? null,
        redeemed.toString(),
        debt.toString(),
        forgiven.toString(),
        isEnding ? 1 : 0,
      ],
    };
  }
}

function upsertReceipt({ channel, torrent, size, total, signature }: TorrentReceipt): SqlStatement {
  const { r, vs } = signature;
  return {
    sql: UPSERT_RECEIPT,
    parameters: [channel, torrent, size.toString(), total.toString(), r, vs],
  };
}

function toClaim(row: SqlRow): Claim {
  const { r, vs } = row;
  return {
    channel: row["channel"] as ChannelId,
    key: toKey(row),
    total: BigInt(row["total"] as string),
    signature: r instanceof Uint8Array && vs instanceof Uint8Array ? { r, vs } : null,
    redeemed: BigInt(row["redeemed"] as string),
    debt: BigInt(row["debt"] as string),
    forgiven: BigInt(row["forgiven"] as string),
    isEnding: row["is_ending"] === 1,
  };
}

function toReceipt(row: SqlRow): StoredReceipt {
  return {
    channel: row["channel"] as ChannelId,
    torrent: row["torrent"] as string,
    size: BigInt(row["size"] as string),
    total: BigInt(row["total"] as string),
    signature: { r: row["r"] as Uint8Array, vs: row["vs"] as Uint8Array },
    attributed: BigInt(row["attributed"] as string),
  };
}
