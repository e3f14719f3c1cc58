import type { Market } from "@shoal/speed";
import type { EarningsLedger } from "./earnings-ledger.ts";

/** Sees from looks at the market what each torrent has earned and spent between them. */
export class MarketMeter {
  readonly #ledger: EarningsLedger;
  /** Wei paid on each channel at the last look, and bytes traded on each connection. */
  readonly #paid = new Map<string, bigint>();
  readonly #traded = new Map<string, number>();

  /** @param market As it is before anything is traded: what was paid before belongs to hours that have gone by. */
  constructor(ledger: EarningsLedger, market: Pick<Market, "claims" | "channels" | "sums">) {
    this.#ledger = ledger;
    for (const { channel, total } of market.claims) this.#paid.set(`in ${channel}`, total);
    for (const { id, signed } of market.channels) this.#paid.set(`out ${id}`, signed);
    ledger.reconcile(market.sums.earnedWei, market.sums.paidWei);
  }

  /** Writes down what has changed, and makes the sums the market's. */
  look(market: Market): void {
    const paid = new Map<string, bigint>();
    const traded = new Map<string, number>();
    for (const each of market.selling?.payers ?? []) {
      const [key, bytesKey] = [`in ${each.channel}`, `in ${each.peerId} ${each.channel}`];
      paid.set(key, each.paidWei);
      traded.set(bytesKey, each.tradedBytes);
      const earnedWei = this.#growth(key, each.paidWei);
      const soldBytes = Math.max(0, each.tradedBytes - (this.#traded.get(bytesKey) ?? 0));
      if (earnedWei > 0n || soldBytes > 0)
        this.#ledger.add(each.infoHash, { earnedWei, soldBytes });
    }
    for (const each of market.buying?.offers ?? []) {
      const key = `out ${each.channel}`;
      paid.set(key, each.paidWei);
      const spentWei = this.#growth(key, each.paidWei);
      if (spentWei > 0n) this.#ledger.add(each.infoHash, { spentWei });
    }
    for (const [key, wei] of paid) this.#paid.set(key, wei);
    this.#traded.clear();
    for (const [key, bytes] of traded) this.#traded.set(key, bytes);
    this.#ledger.reconcile(market.sums.earnedWei, market.sums.paidWei);
  }

  #growth(key: string, now: bigint): bigint {
    const before = this.#paid.get(key) ?? 0n;
    return now > before ? now - before : 0n;
  }
}
