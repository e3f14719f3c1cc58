import type { Answer } from "@shoal/api/client";

type Reward = Answer<"listRewards">["rewards"][number];
type Earnings = Answer<"getEarnings">;

/** Rewards that were claimed, of epochs that ended within a time. */
export function claimedWithin(
  rewards: readonly Reward[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly Reward[] {
  return rewards.filter(
    ({ state, endsAtMs }) => state === "claimed" && endsAtMs >= fromMs && endsAtMs <= toMs,
  );
}

/** The same by points of a plot: each counts where its epoch ended. In wei. */
export function rewardsByPoint(
  rewards: readonly Reward[],
  { points, stepMs }: Pick<Earnings, "points" | "stepMs">,
): readonly bigint[] {
  return points.map(({ atMs }) =>
    rewards
      .filter(({ endsAtMs }) => endsAtMs >= atMs && endsAtMs < atMs + stepMs)
      .reduce((sum, { wei }) => sum + BigInt(wei), 0n),
  );
}
