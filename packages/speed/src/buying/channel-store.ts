import type { Address } from "@shoal/chain";
import type { Clock, SqlRow, Store, Tables, Timer } from "@shoal/runtime";
import type { ChannelId, ChannelKey } from "../channel/channel-key.ts";
import { SPEED_SCHEMA } from "../store/speed-schema.ts";
import { toKey } from "../store/to-key.ts";
import type { Purse } from "./purse.ts";

/** Where a channel of ours stands. `opening`: its transaction was signed, and may be anywhere. */
export type OwnChannelState = "opening" | "open" | "closing" | "closed";

export interface StoredChannel {
  readonly id: ChannelId;
  readonly key: ChannelKey;
  /** Wei; of an opening one, what it will have. */
  readonly capacity: bigint;
  /** Wei of the newest voucher that is known to have been signed. */
  readonly signed: bigint;
  readonly state: OwnChannelState;
}

/** Signed totals are written this late: lost ones come back from the payee. */
const LATE_MS = 1000;

/** A payer's channels, kept so that money in them is never forgotten. */
export class ChannelStore implements Purse {
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #network: string;
  readonly #channels: Map<ChannelId, StoredChannel>;
  readonly #unpaid = new Map<ChannelId, bigint>();
  readonly #changed = new Set<ChannelId>();
  /** What receipts said, by channel and torrent. */
  readonly #said: Map<string, bigint>;
  #timer: Timer | undefined;

  private constructor(
    init: { readonly clock: Clock; readonly network: string },
    tables: Tables,
    channels: readonly StoredChannel[],
    said: Map<string, bigint>,
  ) {
    this.#clock = init.clock;
    this.#network = init.network;
    this.#tables = tables;
    this.#channels = new Map(channels.map((channel) => [channel.id, channel]));
    this.#said = said;
  }

  /** @param init.network Names chain and contract. @throws {StoreError} */
  static async open(init: {
    readonly store: Store;
    readonly clock: Clock;
    readonly network: string;
  }): Promise<ChannelStore> {
    const tables = await init.store.open(SPEED_SCHEMA);
    const rows = await tables.select({
      sql: "SELECT * FROM speed_channels WHERE network = ?",
      parameters: [init.network],
    });
    const said = await tables.select({
      sql: `SELECT s.* FROM speed_said s JOIN speed_channels c ON c.channel = s.channel
        WHERE c.network = ?`,
      parameters: [init.network],
    });
    return new ChannelStore(
      init,
      tables,
      rows.map(toChannel),
      new Map(
        said.map(({ channel, torrent, total }) => [
          `${channel as string} ${torrent as string}`,
          BigInt(total as string),
        ]),
      ),
    );
  }

  all(): readonly StoredChannel[] {
    return [...this.#channels.values()];
  }

  get(id: ChannelId): StoredChannel | undefined {
    return this.#channels.get(id);
  }

  /** Keeps channels, on disk for certain when it answers. @throws {StoreError} */
  async put(channels: readonly StoredChannel[]): Promise<void> {
    for (const channel of channels) this.#channels.set(channel.id, channel);
    await this.#write(channels);
  }

  signedTotal(channel: ChannelId): bigint {
    return this.#channels.get(channel)?.signed ?? 0n;
  }

  signed(channel: ChannelId, total: bigint): void {
    const known = this.#channels.get(channel);
    if (known === undefined || known.signed >= total) return;
    this.#channels.set(channel, { ...known, signed: total });
    this.#changed.add(channel);
    this.#timer ??= this.#clock.setTimer(LATE_MS, () => void this.#writeChanged());
  }

  unpaid(channel: ChannelId): bigint {
    return this.#unpaid.get(channel) ?? 0n;
  }

  leftUnpaid(channel: ChannelId, wei: bigint): void {
    if (wei > 0n) this.#unpaid.set(channel, wei);
    else this.#unpaid.delete(channel);
  }

  async say(channel: ChannelId, torrent: string, gain: bigint): Promise<bigint> {
    const name = `${channel} ${torrent}`;
    const total = (this.#said.get(name) ?? 0n) + gain;
    this.#said.set(name, total);
    const sql = `INSERT INTO speed_said (channel, torrent, total) VALUES (?, ?, ?)
      ON CONFLICT (channel, torrent) DO UPDATE SET total = excluded.total`;
    await this.#tables.commit([{ sql, parameters: [channel, torrent, total.toString()] }], "full");
    return total;
  }

  /**
   * What is spent of a budget: what this account has signed since it was set, over all channels. The same amount goes on
   * after a restart; another one begins anew.
   * @param budget Wei.
   * @returns Wei. After a crash without what was signed in the last second, until its payee shows that.
   * @throws {StoreError}
   */
  async spentOf(payer: Address, budget: bigint): Promise<bigint> {
    const signed = this.all().reduce(
      (sum, channel) => (channel.key.payer === payer ? sum + channel.signed : sum),
      0n,
    );
    const [known] = await this.#tables.select({
      sql: "SELECT * FROM speed_budgets WHERE network = ? AND payer = ?",
      parameters: [this.#network, payer],
    });
    if (known?.["budget"] === budget.toString())
      return signed - BigInt(known["signed_before"] as string);
    const sql = `INSERT INTO speed_budgets (network, payer, budget, signed_before) VALUES (?, ?, ?, ?)
      ON CONFLICT (network, payer) DO UPDATE SET budget = excluded.budget,
        signed_before = excluded.signed_before`;
    const parameters = [this.#network, payer, budget.toString(), signed.toString()];
    await this.#tables.commit([{ sql, parameters }], "full");
    return 0n;
  }

  /** Writes what waits to be written. @throws {StoreError} */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const changed = [...this.#changed];
    this.#changed.clear();
    if (changed.length > 0) await this.#write(changed.map((id) => this.#channels.get(id)!));
  }

  /** What cannot be written now is written with the next change: payees hold the newest voucher anyway. */
  async #writeChanged(): Promise<void> {
    const changed = [...this.#changed];
    try {
      await this.flush();
    } catch {
      for (const id of changed) this.#changed.add(id);
    }
  }

  async #write(channels: readonly StoredChannel[]): Promise<void> {
    await this.#tables.commit(
      channels.map(({ id, key, capacity, signed, state }) => ({
        sql: `INSERT INTO speed_channels (channel, network, payer, payee, signer, challenge_seconds,
            salt, capacity, signed, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (channel) DO UPDATE SET capacity = excluded.capacity,
            signed = excluded.signed, state = excluded.state`,
        parameters: [
          id,
          this.#network,
          key.payer,
          key.payee,
          key.signer,
          key.challengeSeconds,
          key.salt.toString(),
          capacity.toString(),
          signed.toString(),
          state,
        ],
      })),
      "full",
    );
  }
}

function toChannel(row: SqlRow): StoredChannel {
  return {
    id: row["channel"] as ChannelId,
    key: toKey(row),
    capacity: BigInt(row["capacity"] as string),
    signed: BigInt(row["signed"] as string),
    state: row["state"] as OwnChannelState,
  };
}
