import { decodeCall, type DecodedCall, type Intent } from "@shoal/chain";
import { bandwidthChannelsAbi, bttAbi, seedBountiesAbi, seedRewardsAbi } from "@shoal/contracts";
import type { Answer } from "@shoal/api";

type Action = NonNullable<Answer<"getWalletHistory">["transactions"][number]["action"]>;

/** Functions of Shoal's contracts by what they do; names that two contracts have are told apart by the ABI that fits. */
const READERS = [
  {
    abi: bandwidthChannelsAbi,
    names: {
      deposit: "deposit",
      withdraw: "withdraw",
      openMany: "open-channels",
      topUp: "top-up-channel",
      redeemMany: "redeem",
      multicall: "attribute",
      startClose: "start-close",
      finalize: "finish-close",
    },
  },
  { abi: seedRewardsAbi, names: { claimMany: "claim-rewards" } },
  {
    abi: seedBountiesAbi,
    names: { fund: "fund-bounty", topUp: "top-up-bounty", refund: "refund-bounty" },
  },
  { abi: bttAbi, names: { approve: "approve" } },
] as const;

/** What a transaction does with Shoal's contracts; null for everything else. */
export function describeAction(intent: Intent): Action | null {
  if (intent.kind !== "call") return null;
  for (const { abi, names } of READERS) {
    const call = decodeCall(abi, intent.data);
    const name =
      call === null
        ? undefined
        : (names as Readonly<Record<string, Action["name"]>>)[call.functionName];
    if (call !== null && name !== undefined)
      return { name, count: name === "attribute" ? null : countOf(call) };
  }
  return null;
}

/** Functions that do much at once take a list; that of receipts is one of channels, which says nothing. */
function countOf({ args }: DecodedCall): number | null {
  const list = args.find((each) => Array.isArray(each));
  return list === undefined ? null : (list as readonly unknown[]).length;
}
