import type { Clock, SqlStatement, Store, StoreSchema, Tables } from "@shoal/runtime";

/** Earned, spent and sold in one hour, of one torrent. */
export interface EarningsRow {
  readonly hourMs: number;
  /** Empty for what cannot be told of any torrent. */
  readonly infoHash: string;
  readonly earnedWei: bigint;
  readonly spentWei: bigint;
  readonly soldBytes: number;
}

export const HOUR_MS = 3_600_000;

const EARNINGS_SCHEMA: StoreSchema = {
  name: "node_earnings",
  migrations: [
    `CREATE TABLE node_earnings (
       account TEXT NOT NULL,
       hour_ms INTEGER NOT NULL,
       info_hash TEXT NOT NULL,
       earned_wei TEXT NOT NULL,
       spent_wei TEXT NOT NULL,
       sold_bytes INTEGER NOT NULL,
       PRIMARY KEY (account, hour_ms, info_hash)
     ) STRICT, WITHOUT ROWID;`,
  ],
};

/**
 * What was earned and spent over time. It tells claims and channels apart by hours and torrents; how much there is in
 * all those say, so what a killed process had not written is made up for when it starts again.
 */
export class EarningsLedger {
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #account: string;
  readonly #rows: Map<string, EarningsRow>;
  readonly #changed = new Set<string>();

  private constructor(
    tables: Tables,
    clock: Clock,
    account: string,
    rows: ReadonlyMap<string, EarningsRow>,
  ) {
    this.#tables = tables;
    this.#clock = clock;
    this.#account = account;
    this.#rows = new Map(rows);
  }

  /** @param account Names chain, contract and address. @throws {StoreError} */
  static async open(store: Store, clock: Clock, account: string): Promise<EarningsLedger> {
    const tables = await store.open(EARNINGS_SCHEMA);
    const found = await tables.select({
      sql: "SELECT * FROM node_earnings WHERE account = ? ORDER BY hour_ms",
      parameters: [account],
    });
    const rows = found.map((row): EarningsRow => ({
      hourMs: Number(row.hour_ms),
      infoHash: String(row.info_hash),
      earnedWei: BigInt(String(row.earned_wei)),
      spentWei: BigInt(String(row.spent_wei)),
      soldBytes: Number(row.sold_bytes),
    }));
    return new EarningsLedger(
      tables,
      clock,
      account,
      new Map(rows.map((row) => [keyOf(row), row])),
    );
  }

  /** The oldest hour first. */
  get rows(): readonly EarningsRow[] {
    return [...this.#rows.values()];
  }

  /** Adds to the present hour. Kept once `flush` is called. */
  add(infoHash: string, more: Partial<Omit<EarningsRow, "hourMs" | "infoHash">>): void {
    const hourMs = Math.floor(this.#clock.nowMs() / HOUR_MS) * HOUR_MS;
    const key = keyOf({ hourMs, infoHash });
    const before = this.#rows.get(key);
    this.#rows.set(key, {
      hourMs,
      infoHash,
      earnedWei: (before?.earnedWei ?? 0n) + (more.earnedWei ?? 0n),
      spentWei: (before?.spentWei ?? 0n) + (more.spentWei ?? 0n),
      soldBytes: (before?.soldBytes ?? 0) + (more.soldBytes ?? 0),
    });
    this.#changed.add(key);
  }

  /** Makes the sums what claims and channels say, by what no torrent is known for. */
  reconcile(earnedWei: bigint, spentWei: bigint): void {
    const rows = this.rows;
    const earned = earnedWei - rows.reduce((sum, row) => sum + row.earnedWei, 0n);
    const spent = spentWei - rows.reduce((sum, row) => sum + row.spentWei, 0n);
    if (earned !== 0n || spent !== 0n) this.add("", { earnedWei: earned, spentWei: spent });
  }

  /** @throws {StoreError} */
  async flush(): Promise<void> {
    const statements = [...this.#changed].map((key) => this.#upsert(this.#rows.get(key)!));
    this.#changed.clear();
    if (statements.length > 0) await this.#tables.commit(statements, "normal");
  }

  #upsert(row: EarningsRow): SqlStatement {
    return {
      sql: `INSERT INTO node_earnings VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET earned_wei = excluded.earned_wei,
              spent_wei = excluded.spent_wei, sold_bytes = excluded.sold_bytes`,
      parameters: [
        this.#account,
        row.hourMs,
        row.infoHash,
        String(row.earnedWei),
        String(row.spentWei),
        row.soldBytes,
      ],
    };
  }
}

function keyOf({ hourMs, infoHash }: Pick<EarningsRow, "hourMs" | "infoHash">): string {
  return `${hourMs} ${infoHash}`;
}
