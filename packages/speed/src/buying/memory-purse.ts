import type { ChannelId } from "../channel/channel-key.ts";
import type { Purse } from "./purse.ts";

/** A purse that forgets: payees show what they hold, so nothing is lost by it but debts. */
export class MemoryPurse implements Purse {
  readonly #signed = new Map<ChannelId, bigint>();
  readonly #unpaid = new Map<ChannelId, bigint>();
  readonly #said = new Map<string, bigint>();

  signedTotal(channel: ChannelId): bigint {
    return this.#signed.get(channel) ?? 0n;
  }

  signed(channel: ChannelId, total: bigint): void {
    const before = this.signedTotal(channel);
    if (total > before) this.#signed.set(channel, total);
  }

  unpaid(channel: ChannelId): bigint {
    return this.#unpaid.get(channel) ?? 0n;
  }

  leftUnpaid(channel: ChannelId, wei: bigint): void {
    if (wei > 0n) this.#unpaid.set(channel, wei);
    else this.#unpaid.delete(channel);
  }

  say(channel: ChannelId, torrent: string, gain: bigint): Promise<bigint> {
    const name = `${channel} ${torrent}`;
    const total = (this.#said.get(name) ?? 0n) + gain;
    this.#said.set(name, total);
    return Promise.resolve(total);
  }
}
