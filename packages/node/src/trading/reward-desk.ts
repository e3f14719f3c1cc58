import type { Answer } from "@shoal/api";
import { EPOCH_SECONDS, type OwnReward, ownRewards, RewardsContract } from "@shoal/speed";
import { sendAll } from "./send-all.ts";
import type { TradingDesk } from "./trading-desk.ts";

const EPOCH_MS = EPOCH_SECONDS * 1000;
/** Claims in one transaction: about 3 million gas. */
const MAX_CLAIMS = 50;

/** Rewards of the account that trades, by epoch; none where their contract is not. @throws {ChainError} */
export async function listRewards(
  desk: TradingDesk,
  nowMs: number,
): Promise<Answer<"listRewards">> {
  const { slot, opened } = desk;
  const address = slot.isSet ? opened.network.formatAddress(slot.address) : null;
  const rewards = await readRewards(desk, nowMs);
  return {
    address,
    rewards: rewards.map(({ epoch, amount, state, claimableAtS }) => ({
      epoch,
      startsAtMs: epoch * EPOCH_MS,
      endsAtMs: (epoch + 1) * EPOCH_MS,
      wei: String(amount),
      state,
      claimableAtMs: claimableAtS === null ? null : claimableAtS * 1000,
    })),
  };
}

/** Claims all that can be claimed. @throws {NodeError}; {ChainError}. */
export async function claimRewards(
  desk: TradingDesk,
  nowMs: number,
  signal: AbortSignal,
): Promise<Answer<"claimRewards">> {
  const signer = desk.assertCanSign();
  const contract = findContract(desk);
  const due = (await readRewards(desk, nowMs)).filter(({ state }) => state === "claimable");
  if (contract === null || due.length === 0) return { transactions: [], summary: "nothing" };
  const intents = Array.from({ length: Math.ceil(due.length / MAX_CLAIMS) }, (_, place) =>
    contract.claim(due.slice(place * MAX_CLAIMS, (place + 1) * MAX_CLAIMS)),
  );
  return { transactions: await sendAll(desk.opened, signer, intents, signal), summary: "claimed" };
}

async function readRewards(desk: TradingDesk, nowMs: number): Promise<readonly OwnReward[]> {
  const contract = findContract(desk);
  if (contract === null || !desk.slot.isSet) return [];
  return await ownRewards(contract, desk.slot.address, Math.floor(nowMs / 1000));
}

function findContract({ opened }: TradingDesk): RewardsContract | null {
  const address = opened.network.info.contracts["SeedRewards"];
  return address === undefined ? null : new RewardsContract(opened.network, address);
}
