import type { Address } from "@shoal/chain";
import { computeRewards, newestEndedEpoch } from "./compute-rewards.ts";
import type { ProvenShare, RewardsContract } from "./rewards-contract.ts";

/** How long shares can be claimed, in epochs: a year, a day of veto, and what it takes to post. */
const CLAIMABLE_EPOCHS = 54;

export type RewardState =
  /** The authority has posted nothing, or was refused. */
  | "not-posted"
  /** What was posted is not what comes out of the chain: a guardian should refuse it. */
  | "differs"
  /** Posted, and not yet claimable: it can be refused. */
  | "waiting"
  | "claimable"
  | "claimed";

/** What an account earned in an epoch. */
export interface OwnReward extends ProvenShare {
  readonly state: RewardState;
  /** Seconds since 1970; null while nothing is posted. */
  readonly claimableAtS: number | null;
}

/**
 * An account's rewards in the epochs of the last year, oldest first. Epochs in which it earned nothing are left out.
 * @throws {ChainError}
 */
export async function ownRewards(
  rewards: RewardsContract,
  account: Address,
  nowS: number,
): Promise<readonly OwnReward[]> {
  const [first, last] = await Promise.all([
    rewards.firstEpoch(),
    newestEndedEpoch(rewards.network),
  ]);
  const from = Math.max(first, last - CLAIMABLE_EPOCHS);
  if (from > last) return [];
  const epochs = Array.from({ length: last - from + 1 }, (_, place) => from + place);
  const own: OwnReward[] = [];
  for (const { epoch, distribution } of await computeRewards(rewards, epochs)) {
    const share = distribution.shares.find((each) => each.account === account);
    if (share === undefined) continue;
    const posted = await rewards.posted(epoch);
    let state: RewardState = "claimable";
    if (posted === null) state = "not-posted";
    else if (posted.root !== distribution.root) state = "differs";
    else if (await rewards.isClaimed(epoch, share.index)) state = "claimed";
    else if (nowS < posted.claimableAtS) state = "waiting";
    const proof = distribution.proof(share.index);
    own.push({ ...share, epoch, proof, state, claimableAtS: posted?.claimableAtS ?? null });
  }
  return own;
}
