import { type Clock, StoreError, type StoreSchema, type Tables } from "@shoal/runtime";
import { AccountError } from "../errors.ts";
import type { Address } from "../network/address.ts";
import type { Asset } from "../network/network-info.ts";
import type { Spending } from "./signer.ts";

/** The most of one asset that a key may spend. */
export interface SpendingLimit {
  readonly asset: Asset;
  /** In the asset's smallest unit. */
  readonly amount: bigint;
  /** Within any time of this length; null for altogether. */
  readonly windowMs: number | null;
}

/**
 * Durable commits are dear, and vouchers are many: a part of a limit is written down as spent at once, and given out from
 * memory. What of it is left when the process dies counts as spent.
 */
const PARTS = 64n;

/** Tries to write a charge beside other processes that do the same. */
const MAX_TRIES = 16;

export const SPENDING_SCHEMA: StoreSchema = {
  name: "chain_spending",
  migrations: [
    `CREATE TABLE chain_spending (
       session TEXT NOT NULL,
       number INTEGER NOT NULL,
       asset TEXT NOT NULL,
       amount TEXT NOT NULL,
       at_ms INTEGER NOT NULL,
       PRIMARY KEY (session, number)
     ) STRICT;`,
  ],
};

interface Reserve {
  amount: bigint;
  readonly untilMs: number;
}

/** Counts what a key spends, on disk before it is spent, for all processes of this machine together. */
export class SpendingMeter {
  readonly #session: Address;
  readonly #limits: readonly SpendingLimit[];
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #reserves = new Map<string, Reserve>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(session: Address, limits: readonly SpendingLimit[], tables: Tables, clock: Clock) {
    this.#session = session;
    this.#limits = limits;
    this.#tables = tables;
    this.#clock = clock;
  }

  /**
   * Counts a spending. When it resolves, it is on disk.
   * @throws {AccountError} `limit-exceeded`, also for what has no limit: nothing was counted then.
   */
  async charge(spends: readonly Spending[]): Promise<void> {
    const turn = this.#queue.then(() => this.#charge(spends));
    this.#queue = turn.catch(() => {});
    await turn;
  }

  async #charge(spends: readonly Spending[]): Promise<void> {
    const wanted = new Map<string, bigint>();
    for (const { asset, amount } of spends) {
      if (amount < 0n) throw new RangeError("A spending is not negative.");
      if (amount > 0n) wanted.set(nameOf(asset), (wanted.get(nameOf(asset)) ?? 0n) + amount);
    }
    for (let tries = 1; ; tries++) {
      try {
        await this.#reserve(wanted);
        break;
      } catch (error) {
        const isRace = error instanceof StoreError && error.code === "constraint";
        if (!isRace || tries >= MAX_TRIES) throw error;
      }
    }
    for (const [asset, amount] of wanted) this.#reserves.get(asset)!.amount -= amount;
  }

  /** Writes down as much as is missing, of all assets or of none. */
  async #reserve(wanted: ReadonlyMap<string, bigint>): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const rows = await this.#tables.select({
      sql: "SELECT number, asset, amount, at_ms FROM chain_spending WHERE session = ?",
      parameters: [this.#session],
    });
    let number = Math.max(0, ...rows.map((row) => Number(row.number)));
    const fresh: { readonly asset: string; readonly reserve: Reserve }[] = [];
    for (const [asset, amount] of wanted) {
      const kept = this.#reserves.get(asset);
      if (kept !== undefined && kept.untilMs > nowMs && kept.amount >= amount) continue;
      const limit = this.#limits.find((each) => nameOf(each.asset) === asset);
      if (limit === undefined) throw exceeded(`it may not spend ${asset} at all`);
      // A reserve may be used for as long as it is held: it counts for that much longer.
      const holdMs = limit.windowMs === null ? Infinity : limit.windowMs / Number(PARTS);
      const sinceMs = limit.windowMs === null ? -Infinity : nowMs - limit.windowMs - holdMs;
      const spent = rows
        .filter((row) => row.asset === asset && Number(row.at_ms) > sinceMs)
        .reduce((sum, row) => sum + BigInt(String(row.amount)), 0n);
      const left = limit.amount - spent;
      if (left < amount) throw exceeded(`${left < 0n ? 0n : left} units of ${asset} are left`);
      const part = limit.amount / PARTS;
      const taken = amount > part ? amount : part < left ? part : left;
      fresh.push({ asset, reserve: { amount: taken, untilMs: nowMs + holdMs } });
    }
    if (fresh.length === 0) return;
    await this.#tables.commit(
      fresh.map(({ asset, reserve }) => ({
        sql: "INSERT INTO chain_spending (session, number, asset, amount, at_ms) VALUES (?, ?, ?, ?, ?)",
        parameters: [this.#session, ++number, asset, reserve.amount.toString(), nowMs],
      })),
      "full",
    );
    for (const { asset, reserve } of fresh) this.#reserves.set(asset, reserve);
  }
}

function nameOf(asset: Asset): string {
  return asset.kind === "coin" ? "coin" : asset.address;
}

function exceeded(why: string): AccountError {
  return new AccountError(
    "limit-exceeded",
    `This goes beyond the limits of the session key: ${why}.`,
  );
}
