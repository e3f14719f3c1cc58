import { type Address, ChainError, type Network, readEvents } from "@shoal/chain";
import { bandwidthChannelsAbi } from "@shoal/contracts";
import type { ChannelId } from "../channel/channel-key.ts";
import { EPOCH_SECONDS, type EpochEvents } from "./channel-events.ts";
import { distribute, type Distribution } from "./distribution.ts";
import { type ClosedEpoch, RewardLedger } from "./reward-ledger.ts";
import type { RewardsContract } from "./rewards-contract.ts";

/** An epoch, computed from the chain. */
export interface ComputedEpoch extends ClosedEpoch {
  readonly emissionWei: bigint;
  readonly distribution: Distribution;
}

/**
 * Computes epochs from the chain, as the authority does and as anybody may do after it.
 * @param epochs Which ones; those before them are read, too.
 * @throws {ChainError} `not-found` for an epoch that is not over, in blocks that will not be undone, or that was before the
 * contract.
 */
export async function computeRewards(
  rewards: RewardsContract,
  epochs: readonly number[],
): Promise<readonly ComputedEpoch[]> {
  if (epochs.length === 0) return [];
  const { network } = rewards;
  const [first, channels] = await Promise.all([rewards.firstEpoch(), rewards.channels()]);
  const last = Math.max(...epochs);
  const { final, latest } = await network.head();
  if (Math.min(...epochs) < first) {
    throw new ChainError("not-found", `Rewards begin with epoch ${first}.`);
  }
  if (final.timeMs < (last + 1) * EPOCH_SECONDS * 1000) {
    throw new ChainError("not-found", `Epoch ${last} is not over.`);
  }
  const starts = await findStarts(network, first, last + 1, final.number);
  const events = await readEpochs(network, channels, { first, starts });
  const source = { chainId: network.info.chainId, channels, rewards: rewards.address };
  const ledger = new RewardLedger();
  const computed: ComputedEpoch[] = [];
  for (const each of events) {
    const closed = ledger.close(each);
    if (!epochs.includes(closed.epoch)) continue;
    const lastBlock = starts[closed.epoch + 1 - first]! - 1;
    const block = await findBudgetBlock(rewards, closed.epoch, lastBlock, latest.number);
    const emissionWei = await rewards.emissionAt(block);
    computed.push({
      ...closed,
      emissionWei,
      distribution: distribute(closed, emissionWei, source),
    });
  }
  return computed;
}

/** The newest epoch that is over in blocks that will not be undone. */
export async function newestEndedEpoch(network: Network): Promise<number> {
  const { final } = await network.head();
  return Math.floor(final.timeMs / 1000 / EPOCH_SECONDS) - 1;
}

/**
 * After which block it is counted what an epoch may pay: its own last one; or, when an earlier epoch was posted after
 * that, and before this one, where that was: its total is no longer there to be paid.
 */
async function findBudgetBlock(
  rewards: RewardsContract,
  epoch: number,
  lastBlock: number,
  headBlock: number,
): Promise<number> {
  let block = lastBlock;
  for (const posting of await rewards.postings(lastBlock + 1, headBlock)) {
    if (posting.epoch === epoch) break;
    if (posting.epoch < epoch) block = posting.block;
  }
  return block;
}

async function readEpochs(
  network: Network,
  channels: Address,
  { first, starts }: { readonly first: number; readonly starts: readonly number[] },
): Promise<readonly EpochEvents[]> {
  const range = { fromBlock: starts[0]!, toBlock: starts.at(-1)! - 1 };
  const query = { ...range, addresses: [channels], abi: bandwidthChannelsAbi } as const;
  const isEmpty = range.fromBlock > range.toBlock;
  const redeemed = isEmpty ? [] : await readEvents(network, { ...query, eventName: "Redeemed" });
  const attributed = isEmpty
    ? []
    : await readEvents(network, { ...query, eventName: "Attributed" });
  return starts.slice(0, -1).map((start, place) => {
    const isWithin = ({ log }: { readonly log: { readonly block: { readonly number: number } } }) =>
      log.block.number >= start && log.block.number < starts[place + 1]!;
    return {
      epoch: first + place,
      redeemed: redeemed.filter(isWithin).map(({ args }) => ({
        channel: args.channelId as ChannelId,
        paid: args.paid,
        amount: args.amount,
      })),
      attributed: attributed.filter(isWithin).map(({ args }) => ({
        channel: args.channelId as ChannelId,
        payee: args.payee.toLowerCase() as Address,
        torrent: args.torrent.slice(2).toLowerCase(),
        size: args.size,
        total: args.total,
      })),
    };
  });
}

/** The first block of each epoch, and of the one after the last: one beyond the head where there is none yet. */
async function findStarts(
  network: Network,
  first: number,
  end: number,
  headBlock: number,
): Promise<readonly number[]> {
  const starts: number[] = [];
  for (let epoch = first; epoch <= end; epoch++) {
    const from = starts.at(-1) ?? 0;
    starts.push(await firstBlockSince(network, epoch * EPOCH_SECONDS * 1000, from, headBlock));
  }
  return starts;
}

/** By halving: blocks' times never fall. */
async function firstBlockSince(
  network: Network,
  timeMs: number,
  from: number,
  headBlock: number,
): Promise<number> {
  let [low, high] = [from, headBlock + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const block = await network.block(middle);
    if (block === null) {
      throw new ChainError("bad-answer", `${network.info.title} does not know block ${middle}.`);
    }
    if (block.timeMs < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
