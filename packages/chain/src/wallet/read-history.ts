import type { Address, TransactionId } from "../network/address.ts";
import { movesOf } from "../network/describe-intent.ts";
import type { Asset } from "../network/network-info.ts";
import type { Network } from "../network/network.ts";
import { isSameAsset, tokenMoves } from "../network/token.ts";
import type { AssetMove } from "../network/transaction.ts";
import type { Outgoing } from "../sending/outgoing.ts";

/** One movement of money, as its owner sees it. */
export interface HistoryEntry {
  readonly direction: "in" | "out" | "self";
  readonly asset: Asset;
  readonly amount: bigint;
  /** The other side. */
  readonly with: Address;
  readonly transactionId: TransactionId;
  /**
   * `final`: for good. `included`: in a block that may still be undone. `pending`: signed here, in no block yet.
   * `failed`, `replaced`, `expired`: it moved nothing.
   */
  readonly state: "final" | "included" | "pending" | "failed" | "replaced" | "expired";
  readonly blockNumber: number | null;
  /** When its block was made, or it was signed. Milliseconds since 1970. */
  readonly timeMs: number;
}

export interface HistoryQuery {
  readonly owner: Address;
  readonly asset: Asset;
  /** What was signed here: `Sender.list`. */
  readonly outgoing: readonly Outgoing[];
  /** The first block to look at. */
  readonly fromBlock: number;
}

/**
 * What came and went, newest first: from the chain's own entries, and what is on its way beside it. Sums of `final` and
 * `included` entries from block 0 on are the balance, to the last unit, of a token that tells of every transfer.
 */
export async function readHistory(network: Network, query: HistoryQuery): Promise<HistoryEntry[]> {
  const { owner, asset, fromBlock } = query;
  const { latest, final } = await network.head();
  const range = { fromBlock, toBlock: latest.number };
  const moves: readonly (AssetMove & {
    transactionId: TransactionId;
    block: { number: number };
  })[] =
    asset.kind === "token"
      ? await tokenMoves(network, { ...range, token: asset.address, owner })
      : await network.coinMoves({ ...range, owner });
  const times = new Map<number, number>();
  for (const { block } of moves) {
    if (times.has(block.number)) continue;
    times.set(block.number, (await network.block(block.number))?.timeMs ?? 0);
  }
  const entries = moves.map((move): HistoryEntry => ({
    ...sideOf(move, owner),
    asset,
    amount: move.amount,
    transactionId: move.transactionId,
    state: move.block.number <= final.number ? "final" : "included",
    blockNumber: move.block.number,
    timeMs: times.get(move.block.number) ?? 0,
  }));
  const seen = new Set(entries.map(({ transactionId }) => transactionId));
  const own = query.outgoing.filter(({ id }) => !seen.has(id));
  return [...own.flatMap((each) => entriesOf(each, owner, asset)), ...entries.toReversed()];
}

/** What is not on the chain, or moved nothing there. */
function entriesOf(
  { signed, state, createdMs, blockNumber }: Outgoing,
  owner: Address,
  asset: Asset,
): HistoryEntry[] {
  if (state === "done" || state === "rejected") return [];
  const moves = movesOf(signed.prepared.intent, owner) ?? [];
  return moves
    .filter((move) => isSameAsset(move.asset, asset))
    .map((move) => ({
      ...sideOf(move, owner),
      asset,
      amount: move.amount,
      transactionId: signed.id,
      state: state === "waiting" ? "pending" : state,
      blockNumber,
      timeMs: createdMs,
    }));
}

function sideOf({ from, to }: AssetMove, owner: Address): Pick<HistoryEntry, "direction" | "with"> {
  if (from === to) return { direction: "self", with: to };
  return from === owner ? { direction: "out", with: to } : { direction: "in", with: from };
}
