import { createHash } from "node:crypto";
import type { Address, Hex } from "@shoal/chain";
import { hexOf } from "../settlement/hex-of.ts";
import type { ClosedEpoch } from "./reward-ledger.ts";
import { type Share, ShareTree } from "./share-tree.ts";

/** Which chain and contracts an epoch was computed from. */
export interface RewardSource {
  readonly chainId: number;
  readonly channels: Address;
  readonly rewards: Address;
}

/** An epoch's rewards: what the authority posts, and what anybody compares it with. */
export interface Distribution {
  readonly epoch: number;
  /** Null when nobody earned anything: nothing is posted then. */
  readonly root: Hex | null;
  readonly totalWei: bigint;
  /** By account, ascending. */
  readonly shares: readonly Share[];
  /** The file that lists the shares: the same bytes from everybody. */
  readonly file: Uint8Array;
  /** SHA-256 of the file. */
  readonly contentHash: Hex;
  /** What `claimMany` wants beside a share. @throws {RangeError} */
  proof(index: number): readonly Hex[];
}

/** @param emissionWei The most that the epoch pays: E(e). All shares are cut alike to fit. */
export function distribute(
  { epoch, earnings }: ClosedEpoch,
  emissionWei: bigint,
  source: RewardSource,
): Distribution {
  const rewards = new Map<Address, bigint>();
  let wanted = 0n;
  for (const { account, rewardWei } of earnings) {
    rewards.set(account, (rewards.get(account) ?? 0n) + rewardWei);
    wanted += rewardWei;
  }
  const shares: Share[] = [];
  let totalWei = 0n;
  for (const account of [...rewards.keys()].toSorted()) {
    const reward = rewards.get(account)!;
    const amount = wanted > emissionWei ? (reward * emissionWei) / wanted : reward;
    if (amount === 0n) continue;
    shares.push({ index: shares.length, account, amount });
    totalWei += amount;
  }
  const tree = shares.length === 0 ? null : new ShareTree(epoch, shares);
  const root = tree === null ? null : hexOf(tree.root);
  const file = writeFile({ epoch, root, totalWei, shares, source, emissionWei });
  return {
    epoch,
    root,
    totalWei,
    shares,
    file,
    contentHash: `0x${createHash("sha256").update(file).digest("hex")}`,
    proof(index) {
      if (tree === null) throw new RangeError(`no share ${index}`);
      return tree.proof(index).map(hexOf);
    },
  };
}

/** JSON with its keys in this order, amounts as decimal text, without white space, ended by one line feed. */
function writeFile(init: {
  readonly epoch: number;
  readonly root: Hex | null;
  readonly totalWei: bigint;
  readonly shares: readonly Share[];
  readonly source: RewardSource;
  readonly emissionWei: bigint;
}): Uint8Array {
  const { epoch, root, totalWei, shares, emissionWei } = init;
  const { chainId, channels, rewards } = init.source;
  const text = JSON.stringify({
    format: "shoal seed rewards 1",
    chainId,
    channels,
    rewards,
    epoch,
    emissionWei: String(emissionWei),
    totalWei: String(totalWei),
    root,
    shares: shares.map(({ account, amount }) => [account, String(amount)]),
  });
  return Buffer.from(`${text}\n`, "utf8");
}
