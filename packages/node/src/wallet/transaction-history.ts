import {
  type HistoryEntry,
  type Intent,
  movesOf,
  type Network,
  type Outgoing,
  readHistory,
  type TransactionId,
} from "@shoal/chain";
import type { Answer } from "@shoal/api";
import { type AddressView, contactsOn } from "./account-view.ts";
import { assetOn } from "./asset-on.ts";
import { describeAction } from "./describe-action.ts";

type Transaction = Answer<"getWalletHistory">["transactions"][number];

/** Entries that will not change any more, up to a block. */
interface Settled {
  readonly entries: readonly HistoryEntry[];
  readonly nextBlock: number;
}

/** The first block to look at, for each kind of money. */
export interface SinceBlock {
  readonly coin: number;
  readonly btt: number;
}

/** Accounts whose history is kept at once. */
const MAX_KEPT = 50;

/** Histories of accounts, newest first. What is final is read from the chain once. */
export class TransactionHistory {
  readonly #settled = new Map<string, Settled>();

  /**
   * Payments of coin and BTT, and the other transactions that were signed here.
   * @param sinceBlock Older ones of each are not looked for, as long as nothing of the account is kept; all are looked for when absent.
   */
  async read(view: AddressView, limit: number, sinceBlock?: SinceBlock): Promise<Transaction[]> {
    const { network, sender, address } = view;
    const outgoing = await sender.list({ sender: address });
    const kinds = network.info.btt === null ? (["coin"] as const) : (["btt", "coin"] as const);
    const names = new Map(contactsOn(view).map((each) => [each.address, each.name]));
    const own = new Map(outgoing.map(({ id, signed }) => [id, signed.prepared.intent]));
    const moves: Transaction[] = [];
    for (const kind of kinds) {
      const { symbol, decimals } = kind === "btt" ? network.info.btt! : network.info.coin;
      for (const entry of await this.#entries(view, kind, outgoing, sinceBlock?.[kind] ?? 0)) {
        moves.push({
          ...describe(network, entry, own.get(entry.transactionId)),
          counterpartyName: names.get(entry.with) ?? null,
          ...{ asset: kind, symbol, decimals },
        });
      }
    }
    const shown = new Set(moves.map(({ id }) => id));
    const others = outgoing
      .filter(({ id }) => !shown.has(network.formatTransactionId(id)))
      .map((each) => describeOther(network, each));
    return [...moves, ...others]
      .toSorted((a, b) => rank(b) - rank(a) || b.atMs - a.atMs)
      .slice(0, limit);
  }

  async #entries(
    { network, address }: AddressView,
    kind: "coin" | "btt",
    outgoing: readonly Outgoing[],
    sinceBlock: number,
  ): Promise<HistoryEntry[]> {
    const key = `${network.info.chainId} ${address} ${kind}`;
    const known = this.#settled.get(key) ?? { entries: [], nextBlock: sinceBlock };
    const asset = assetOn(network, kind);
    const found = await readHistory(network, {
      ...{ owner: address, asset },
      outgoing: outgoing.filter(({ id }) => !isIn(known.entries, id)),
      fromBlock: known.nextBlock,
    });
    const entries = [...found, ...known.entries];
    const final = entries.filter(({ state }) => state === "final");
    const newest = final.reduce(
      (most, { blockNumber }) => Math.max(most, blockNumber ?? 0),
      known.nextBlock - 1,
    );
    if (this.#settled.size >= MAX_KEPT) this.#settled.clear();
    this.#settled.set(key, { entries: final, nextBlock: newest + 1 });
    return entries;
  }
}

function isIn(entries: readonly HistoryEntry[], id: TransactionId): boolean {
  return entries.some(({ transactionId }) => transactionId === id);
}

/** What is on its way comes first. */
function rank({ state }: Transaction): number {
  return state === "pending" ? 1 : 0;
}

/** @param intent What was wanted, where the transaction was signed here: cashing moves money too. */
function describe(network: Network, entry: HistoryEntry, intent: Intent | undefined) {
  const id = network.formatTransactionId(entry.transactionId);
  return {
    id,
    network: network.info.name,
    state: entry.state,
    atMs: entry.timeMs,
    block: entry.blockNumber,
    summary: null,
    action: intent === undefined ? null : describeAction(intent),
    direction: entry.direction,
    counterparty: network.formatAddress(entry.with),
    wei: String(entry.amount),
    url: network.info.explorer?.transaction.replace("{}", id) ?? null,
  };
}

const STATES = {
  waiting: "pending",
  done: "final",
  failed: "failed",
  replaced: "replaced",
  expired: "expired",
  rejected: "rejected",
} as const satisfies Record<Outgoing["state"], Transaction["state"]>;

function describeOther(network: Network, { id: raw, signed, ...outgoing }: Outgoing): Transaction {
  const id = network.formatTransactionId(raw);
  const { intent, from } = signed.prepared;
  const [move] = movesOf(intent, from) ?? [];
  return {
    id,
    network: network.info.name,
    state: STATES[outgoing.state],
    atMs: outgoing.createdMs,
    block: outgoing.blockNumber,
    summary: (intent.kind === "call" ? intent.summary : null) ?? null,
    action: describeAction(intent),
    direction: move === undefined ? "other" : "out",
    counterparty: move === undefined ? null : network.formatAddress(move.to),
    counterpartyName: null,
    asset: null,
    symbol: null,
    decimals: null,
    wei: null,
    url: network.info.explorer?.transaction.replace("{}", id) ?? null,
  };
}
