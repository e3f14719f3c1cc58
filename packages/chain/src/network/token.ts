import { erc20Abi } from "viem";
import type { Address, TransactionId } from "./address.ts";
import { toAddress } from "./address.ts";
import { callContract, readContract, readEvents } from "./contract.ts";
import type { Asset, Denomination } from "./network-info.ts";
import type { BlockRange, Network, Reading } from "./network.ts";
import type { AssetMove, Intent } from "./transaction.ts";

/** Symbols and names longer than this are cut: a contract may say anything. */
const MAX_SYMBOL_LENGTH = 32;

/** A balance of BTT, of any other ERC-20 or TRC-20 token, or of the coin. */
export async function balanceOf(
  network: Network,
  asset: Asset,
  owner: Address,
  reading?: Reading,
): Promise<bigint> {
  if (asset.kind === "coin") return network.coinBalance(owner, reading);
  const { address } = asset;
  const call = { address, abi: erc20Abi, functionName: "balanceOf", args: [owner] } as const;
  return readContract(network, call, reading);
}

/** How amounts of something are written, by its own word. */
export async function denominationOf(network: Network, asset: Asset): Promise<Denomination> {
  const { btt, coin } = network.info;
  if (asset.kind === "coin") return coin;
  if (btt !== null && isSameAsset(btt.asset, asset)) return btt;
  const token = { address: asset.address, abi: erc20Abi, args: [] } as const;
  const [symbol, name, decimals] = await Promise.all([
    readContract(network, { ...token, functionName: "symbol" }),
    readContract(network, { ...token, functionName: "name" }),
    readContract(network, { ...token, functionName: "decimals" }),
  ]);
  return { symbol: printable(symbol), name: printable(name), decimals };
}

/** The intent to send an amount of something to somebody. */
export function transferIntent(asset: Asset, to: Address, amount: bigint): Intent {
  if (asset.kind === "coin") return { kind: "transfer", to, amount };
  return callContract({
    address: asset.address,
    abi: erc20Abi,
    functionName: "transfer",
    args: [to, amount],
    spends: [{ asset, amount }],
  });
}

/** A transfer of a token, as its contract wrote it down. */
export interface TokenMove extends AssetMove {
  readonly transactionId: TransactionId;
  readonly block: { readonly number: number };
  /** The entry's place within its block. */
  readonly index: number;
}

/** What of a token came to an owner and went away, in the order of the chain. */
export async function tokenMoves(
  network: Network,
  query: BlockRange & { readonly token: Address; readonly owner: Address },
): Promise<TokenMove[]> {
  const { token, owner, fromBlock, toBlock } = query;
  const asset: Asset = { kind: "token", address: token };
  const read = (args: { from?: Address; to?: Address }) =>
    readEvents(network, {
      addresses: [token],
      abi: erc20Abi,
      eventName: "Transfer",
      args,
      fromBlock,
      toBlock,
    });
  const [sent, received] = await Promise.all([read({ from: owner }), read({ to: owner })]);
  // What somebody sends to himself is found both ways.
  const events = [...sent, ...received.filter(({ args }) => toAddress(args.from) !== owner)];
  return events
    .map(({ args, log }) => ({
      asset,
      from: toAddress(args.from),
      to: toAddress(args.to),
      amount: args.value,
      transactionId: log.transactionId,
      block: { number: log.block.number },
      index: log.index,
    }))
    .sort((a, b) => a.block.number - b.block.number || a.index - b.index);
}

export function isSameAsset(a: Asset, b: Asset): boolean {
  return a.kind === "coin" ? b.kind === "coin" : b.kind === "token" && a.address === b.address;
}

function printable(text: string): string {
  // Control, bidirectional and invisible characters would disguise the name.
  return text
    .replace(/[\p{C}\p{Z}]+/gu, " ")
    .trim()
    .slice(0, MAX_SYMBOL_LENGTH);
}
