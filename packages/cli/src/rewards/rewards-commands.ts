import { writeFile } from "node:fs/promises";
import { formatAmount } from "@shoal/chain";
import {
  Attributor,
  computeRewards,
  newestEndedEpoch,
  type OwnReward,
  ownRewards,
  RewardsContract,
} from "@shoal/speed";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { toFileError } from "../process/file-error.ts";
import { openSpeed } from "../speed/open-speed.ts";
import { type NetworkOptions, withAccount, withNetwork } from "../wallet/open-wallet.ts";
import { findContract } from "./find-contract.ts";
import { signAndSend, type SigningFlags, withSigner } from "./sign-and-send.ts";

const btt = (wei: bigint): string => `${formatAmount(wei, 18)} BTT`;

/** Claims in one transaction: about 3 million gas. */
const MAX_CLAIMS = 50;

export interface ContractFlags {
  readonly contract?: string;
  readonly epoch?: number;
}

export type RewardFlags = SigningFlags & ContractFlags;
export type ComputeFlags = NetworkOptions & ContractFlags & { readonly output?: string };

/** `shoal rewards status`. */
export async function runRewardsStatus(
  flags: RewardFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, flags, async ({ network, address, runtime }) => {
    const contract = new RewardsContract(
      network,
      findContract(network, "SeedRewards", flags.contract),
    );
    const nowS = Math.floor(runtime.clock.nowMs() / 1000);
    const rewards = (await ownRewards(contract, address, nowS)).filter(
      ({ epoch }) => flags.epoch === undefined || epoch === flags.epoch,
    );
    const { output } = context;
    for (const { epoch, amount, state } of rewards) {
      output.data(`epoch ${epoch}  ${btt(amount)}  ${describeState(state)}`);
    }
    if (rewards.length === 0) {
      output.note("no rewards yet: they come of bandwidth sold (shoal seed ... --sell)");
      output.note("receipts count once they are written down: shoal rewards attribute");
    }
    output.result({
      network: network.info.name,
      address: network.formatAddress(address),
      contract: network.formatAddress(contract.address),
      rewards: rewards.map(toJson),
      claimableWei: String(sumOf(rewards.filter(({ state }) => state === "claimable"))),
    });
    return EXIT.ok;
  });
}

/** `shoal rewards claim`. */
export async function runRewardsClaim(
  flags: RewardFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, flags, async (opened) => {
    const { network, address, runtime } = opened;
    const contract = new RewardsContract(
      network,
      findContract(network, "SeedRewards", flags.contract),
    );
    const nowS = Math.floor(runtime.clock.nowMs() / 1000);
    const due = (await ownRewards(contract, address, nowS)).filter(
      ({ epoch, state }) =>
        state === "claimable" && (flags.epoch === undefined || epoch === flags.epoch),
    );
    const { output } = context;
    const transactions: string[] = [];
    if (due.length > 0) {
      const batches = Math.ceil(due.length / MAX_CLAIMS);
      const intents = Array.from({ length: batches }, (_, place) =>
        contract.claim(due.slice(place * MAX_CLAIMS, (place + 1) * MAX_CLAIMS)),
      );
      transactions.push(...(await signAndSend(opened, intents, flags, context)));
    }
    output.data(due.length === 0 ? "nothing to claim" : `claimed ${btt(sumOf(due))}`);
    output.result({ claimed: due.map(toJson), wei: String(sumOf(due)), transactions });
    return EXIT.ok;
  });
}

/** `shoal rewards compute`: what everybody's rerun should say of an epoch. */
export async function runRewardsCompute(
  flags: ComputeFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withNetwork(context, flags, async ({ network }) => {
    const contract = new RewardsContract(
      network,
      findContract(network, "SeedRewards", flags.contract),
    );
    const epoch = flags.epoch ?? (await newestEndedEpoch(network));
    const [computed] = await computeRewards(contract, [epoch]);
    const { distribution, burnedWei, emissionWei } = computed!;
    const { root, totalWei, shares, contentHash, file } = distribution;
    const posted = await contract.posted(epoch);
    const { output } = context;
    if (flags.output !== undefined) {
      try {
        await writeFile(flags.output, file);
      } catch (error) {
        throw toFileError(error, "write", flags.output);
      }
    }
    output.data(`epoch ${epoch}: ${btt(totalWei)} for ${shares.length} accounts`);
    output.data(`root ${root ?? "none: nobody earned anything"}`);
    output.data(`content ${contentHash}`);
    output.data(`burned ${btt(burnedWei)}, at most ${btt(emissionWei)} to pay`);
    const isSame = posted === null ? null : posted.root === root;
    if (isSame !== null)
      output.data(isSame ? "the posted root is the same" : "the posted root differs");
    output.result({
      epoch,
      root,
      contentHash,
      totalWei: String(totalWei),
      burnedWei: String(burnedWei),
      emissionWei: String(emissionWei),
      accounts: shares.length,
      postedRoot: posted?.root ?? null,
    });
    return isSame === false ? EXIT.verificationFailed : EXIT.ok;
  });
}

/** `shoal rewards post`, for the authority, and `shoal rewards veto`, for a guardian. */
export async function runRewardsOffice(
  what: "post" | "veto",
  flags: RewardFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, flags, async (opened) => {
    const { network } = opened;
    const contract = new RewardsContract(
      network,
      findContract(network, "SeedRewards", flags.contract),
    );
    const epoch = flags.epoch ?? (await newestEndedEpoch(network));
    const [computed] = await computeRewards(contract, [epoch]);
    const { distribution } = computed!;
    if (what === "post" && distribution.root === null) {
      throw new CliError(
        "not-found",
        `nobody earned anything in epoch ${epoch}: there is nothing to post`,
      );
    }
    const intent = what === "post" ? contract.post(distribution) : contract.veto(epoch);
    const transactions = await signAndSend(opened, [intent], flags, context);
    context.output.data(
      `epoch ${epoch}: ${what === "post" ? `posted ${distribution.root}` : "refused"}`,
    );
    context.output.result({ epoch, root: distribution.root, transactions });
    return EXIT.ok;
  });
}

/** `shoal rewards attribute`: writes down for which torrents buyers have paid. */
export async function runRewardsAttribute(
  flags: RewardFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, flags, async (opened) => {
    const { contract, claims } = await openSpeed(opened);
    return await withSigner(opened, flags, async (payee) => {
      const attributor = new Attributor({
        ...{ contract, claims, payee, sender: opened.sender },
        worthWei: 0n,
      });
      const { receipts, transactions } = await attributor.attribute(true);
      context.output.data(
        receipts === 0 ? "nothing to write down" : `wrote ${receipts} receipts down`,
      );
      context.output.result({ receipts, transactions });
      return EXIT.ok;
    });
  });
}

function describeState(state: OwnReward["state"]): string {
  switch (state) {
    case "not-posted":
      return "not posted yet";
    case "differs":
      return "what was posted differs from what the chain says: a guardian should refuse it";
    case "waiting":
      return "posted, claimable after 24 hours";
    default:
      return state;
  }
}

function sumOf(rewards: readonly OwnReward[]): bigint {
  return rewards.reduce((sum, { amount }) => sum + amount, 0n);
}

function toJson({ epoch, amount, state, claimableAtS }: OwnReward): object {
  const claimableAt = claimableAtS === null ? null : new Date(claimableAtS * 1000).toISOString();
  return { epoch, wei: String(amount), state, claimableAt };
}
