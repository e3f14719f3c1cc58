import {
  deployContract,
  EMBEDDED_BTT_ADDRESS,
  EMBEDDED_CHANNELS_ADDRESS,
  KeySigner,
  type Signer,
  transferIntent,
} from "@shoal/chain";
import {
  seedBountiesAbi,
  seedBountiesArtifact,
  seedRewardsAbi,
  seedRewardsArtifact,
} from "@shoal/contracts";
import {
  Attributor,
  ChainFunder,
  ChannelsContract,
  ChannelStore,
  ClaimStore,
  computeRewards,
  newestEndedEpoch,
  PayDigests,
  Redeemer,
  RewardsContract,
  SessionSigner,
} from "@shoal/speed";
import { openTestChain, type TestChain } from "./test-chain.ts";

const BTT = 10n ** 18n;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** A day to object, and an hour more. */
const POSTED_MS = 25 * HOUR_MS;

/** A chain with Shoal's contracts on which a seeder has a reward to claim; its time has come to be the clock's. */
export interface EarnedEpoch {
  readonly chain: TestChain;
  readonly rewardWei: bigint;
  /** What a daemon finds as `contracts.json`. */
  readonly contractsFile: string;
}

/**
 * Lives through an epoch in the past: somebody pays the seeder, it is redeemed, written down, and posted.
 * @param seeder Whose reward it is.
 */
export async function liveThroughEpoch(seeder: Signer): Promise<EarnedEpoch> {
  const nowMs = Date.now();
  // The last epoch that was over, and could be objected to, long enough ago.
  const endMs = Math.floor((nowMs - POSTED_MS - 2 * HOUR_MS) / WEEK_MS) * WEEK_MS;
  const chain = await openTestChain(endMs - DAY_MS - nowMs);
  const { runtime, network, sender, rich, confirm, clock } = chain;
  const payer = new KeySigner(runtime.random.bytes(32));
  for (const { address } of [payer, seeder]) await chain.faucet(address);
  const deploy = async (contract: Parameters<typeof deployContract>[0]): Promise<`0x${string}`> => {
    const { id, signed } = await sender.send(deployContract(contract), rich);
    await sender.waitFor(id, { until: "final" });
    return signed.prepared.contractAddress!;
  };
  const seedRewards = await deploy({
    abi: seedRewardsAbi,
    bytecode: seedRewardsArtifact.bytecode,
    args: [EMBEDDED_CHANNELS_ADDRESS, rich.address, [rich.address]],
  });
  const seedBounties = await deploy({
    abi: seedBountiesAbi,
    bytecode: seedBountiesArtifact.bytecode,
    args: [EMBEDDED_BTT_ADDRESS],
  });
  const token = { kind: "token", address: EMBEDDED_BTT_ADDRESS } as const;
  await confirm(transferIntent(token, seedRewards as never, 300n * BTT), rich);

  const contract = new ChannelsContract(network, EMBEDDED_CHANNELS_ADDRESS);
  const digests = new PayDigests({ chainId: chain.chain.chainId, contract: contract.address });
  const stores = { ...runtime, network: "embedded" };
  const [claims, channels] = [await ClaimStore.open(stores), await ChannelStore.open(stores)];
  const key = runtime.random.bytes(32);
  const spender = new SessionSigner(digests, new KeySigner(key).address, key);
  const funder = new ChainFunder({
    ...{ contract, token: EMBEDDED_BTT_ADDRESS, sender, payer, digests, channels },
    ...{ signer: new KeySigner(key).address, random: runtime.random },
  });
  const total = 100n * BTT;
  const [channel] = await funder.fund([
    { payee: seeder.address, minChallengeSeconds: 3600, wei: total },
  ]);
  const { id } = channel!;
  claims.put({
    ...claims.of(id, channel!.key),
    ...{ total, signature: spender.signVoucher(id, total) },
  });
  const torrent = new Uint8Array(32).fill(9);
  const size = 2n ** 30n;
  claims.putReceipt({
    ...{ channel: id, torrent: "09".repeat(32), size, total },
    signature: spender.signReceipt(id, torrent, size, total),
  });
  const settle = { contract, claims, sender, payee: seeder, worthWei: 1n };
  await new Redeemer(settle).redeem(true);
  await new Attributor(settle).attribute(true);

  await chain.wait(DAY_MS + HOUR_MS);
  const rewards = new RewardsContract(network, seedRewards as never);
  const [computed] = await computeRewards(rewards, [await newestEndedEpoch(network)]);
  await confirm(rewards.post(computed!.distribution), rich);
  await chain.wait(Date.now() - clock.nowMs());
  return {
    chain,
    rewardWei: computed!.distribution.totalWei,
    contractsFile: JSON.stringify({
      [chain.chain.chainId]: {
        contracts: { SeedRewards: seedRewards, SeedBounties: seedBounties },
      },
    }),
  };
}
