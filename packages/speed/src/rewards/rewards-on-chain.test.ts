import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import {
  type Address,
  balanceOf,
  ChainError,
  deployContract,
  EMBEDDED_BTT_ADDRESS,
  EMBEDDED_CHANNELS_ADDRESS,
  type Intent,
  KeySigner,
  openEmbeddedChain,
  openNetwork,
  readContract,
  Sender,
  transferIntent,
} from "@shoal/chain";
import { bandwidthChannelsAbi, seedRewardsAbi, seedRewardsArtifact } from "@shoal/contracts";
import type { Clock } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import { ChannelStore } from "../buying/channel-store.ts";
import { SessionSigner } from "../channel/pay-crypto.ts";
import { PayDigests } from "../channel/pay-digests.ts";
import { ClaimStore } from "../selling/claim-store.ts";
import { Attributor } from "../settlement/attributor.ts";
import { ChainFunder } from "../settlement/chain-funder.ts";
import { ChannelsContract } from "../settlement/channels-contract.ts";
import { Redeemer } from "../settlement/redeemer.ts";
import { EPOCH_SECONDS } from "./channel-events.ts";
import { computeRewards, newestEndedEpoch } from "./compute-rewards.ts";
import { ownRewards } from "./own-rewards.ts";
import { RewardsContract } from "./rewards-contract.ts";

const BTT = 10n ** 18n;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const BTT_ASSET = { kind: "token", address: EMBEDDED_BTT_ADDRESS } as const;

/** An embedded chain whose clock can be set ahead, with `SeedRewards` on it, funded. */
async function openScene() {
  const folder = await mkdtemp(join(tmpdir(), "shoal-rewards-"));
  const runtime = await createNodeRuntime({ logLevel: "error", storePath: join(folder, "store") });
  let aheadMs = 0;
  const clock: Clock = {
    nowMs: () => runtime.clock.nowMs() + aheadMs,
    monotonicMs: () => runtime.clock.monotonicMs(),
    setTimer: (delayMs, callback) => runtime.clock.setTimer(delayMs, callback),
    setRepeating: (periodMs, callback) => runtime.clock.setRepeating(periodMs, callback),
  };
  const chain = await openEmbeddedChain({ ...runtime, clock, folder: join(folder, "chain") });
  const network = await openNetwork("embedded", { http: runtime.http, embedded: chain });
  const sender = await Sender.open(network, runtime.store, clock);
  const [payer, session, seeder, authority] = [1, 2, 3, 4].map(
    (number) => new KeySigner(new Uint8Array(32).fill(number)),
  ) as [KeySigner, KeySigner, KeySigner, KeySigner];
  for (const { address } of [payer, seeder, authority]) {
    await chain.request({ method: "shoal_faucet", params: [address] });
  }
  const confirm = async (intent: Intent, signer: KeySigner) => {
    const sent = await sender.send(intent, signer);
    const status = await sender.waitFor(sent.id, { until: "final" });
    assert.ok(status?.receipt.isSuccess);
    return sent.signed.prepared;
  };
  const deployed = await confirm(
    deployContract({
      abi: seedRewardsAbi,
      bytecode: seedRewardsArtifact.bytecode,
      args: [EMBEDDED_CHANNELS_ADDRESS, authority.address, [authority.address]],
    }),
    authority,
  );
  const rewards = new RewardsContract(network, deployed.contractAddress!);
  await confirm(transferIntent(BTT_ASSET, rewards.address, 300n * BTT), authority);
  const contract = new ChannelsContract(network, EMBEDDED_CHANNELS_ADDRESS);
  const digests = new PayDigests({ chainId: chain.chainId, contract: contract.address });
  const claims = await ClaimStore.open({ ...runtime, network: "embedded" });
  const channels = await ChannelStore.open({ ...runtime, network: "embedded" });
  const funder = new ChainFunder({
    ...{ contract, token: EMBEDDED_BTT_ADDRESS, sender, payer, signer: session.address, digests },
    ...{ channels, random: runtime.random },
  });
  const settle = { contract, claims, sender, payee: seeder, worthWei: 1n };
  const redeemer = new Redeemer(settle);
  return {
    ...{ network, chain, rewards, contract, claims, confirm, seeder, authority, funder, redeemer },
    spender: new SessionSigner(digests, session.address, new Uint8Array(32).fill(2)),
    attributor: new Attributor(settle),
    nowS: () => Math.floor(clock.nowMs() / 1000),
    /** Time goes by, and a block is made. */
    async wait(ms: number) {
      aheadMs += ms;
      await confirm({ kind: "transfer", to: payer.address, amount: 1n }, authority);
    },
    btt: async (owner: Address) => await balanceOf(network, BTT_ASSET, owner),
    async [Symbol.asyncDispose]() {
      await network.close();
      await chain.close();
      await runtime.close();
      await rm(folder, { recursive: true });
    },
  };
}

type Scene = Awaited<ReturnType<typeof openScene>>;

/** The seeder is paid by voucher for a torrent of a GiB, with a receipt. */
async function sell({ funder, spender, claims, seeder }: Scene, total: bigint): Promise<void> {
  const wanted = { payee: seeder.address, minChallengeSeconds: 3600, wei: total };
  const [channel] = await funder.fund([wanted]);
  const { id, key } = channel!;
  const torrent = new Uint8Array(32).fill(9);
  claims.put({ ...claims.of(id, key), total, signature: spender.signVoucher(id, total) });
  const size = 2n ** 30n;
  claims.putReceipt({
    ...{ channel: id, torrent: "09".repeat(32), size, total },
    signature: spender.signReceipt(id, torrent, size, total),
  });
}

suite("rewards on the embedded chain", () => {
  test("receipts are written down once their money is redeemed, and once only", async () => {
    await using scene = await openScene();
    await sell(scene, 100n * BTT);
    assert.deepEqual(await scene.attributor.attribute(), { receipts: 0, transactions: [] });
    await scene.redeemer.redeem(true);
    assert.equal((await scene.attributor.attribute()).receipts, 1);
    assert.equal((await scene.attributor.attribute(true)).receipts, 0);
    await sell(scene, 150n * BTT);
    assert.equal((await scene.attributor.attribute(true)).receipts, 0, "more than was redeemed");
    await scene.redeemer.redeem(true);
    assert.equal((await scene.attributor.attribute()).receipts, 1);
  });

  test("an epoch is computed, posted and claimed on the real contract, to the wei", async () => {
    await using scene = await openScene();
    const { rewards, network, seeder, authority } = scene;
    await sell(scene, 100n * BTT);
    await scene.redeemer.redeem(true);
    await scene.attributor.attribute();
    const epoch = Math.floor(scene.nowS() / EPOCH_SECONDS);
    await assert.rejects(computeRewards(rewards, [epoch]), ChainError, "the epoch is not over");
    await scene.wait(7 * DAY_MS);
    assert.equal(await newestEndedEpoch(network), epoch);

    const [computed] = await computeRewards(rewards, [epoch]);
    const { distribution, burnedWei, emissionWei } = computed!;
    const burnedIn = await readContract(network, {
      ...{ address: EMBEDDED_CHANNELS_ADDRESS, abi: bandwidthChannelsAbi },
      ...{ functionName: "burnedIn", args: [BigInt(epoch)] },
    } as const);
    assert.equal(burnedWei, burnedIn);
    assert.equal(burnedWei, 5n * BTT);
    assert.equal(emissionWei, BTT);
    assert.equal(distribution.totalWei, (45n * BTT) / 300n);
    assert.deepEqual(
      distribution.shares.map(({ account }) => account),
      [seeder.address],
    );
    const stateOf = async () => (await ownRewards(rewards, seeder.address, scene.nowS()))[0]?.state;
    assert.equal(await stateOf(), "not-posted");

    await scene.confirm(rewards.post(distribution), authority);
    assert.equal(await stateOf(), "waiting");
    await scene.wait(DAY_MS + HOUR_MS);
    const [own] = await ownRewards(rewards, seeder.address, scene.nowS());
    assert.equal(own?.state, "claimable");
    const before = await scene.btt(seeder.address);
    await scene.confirm(rewards.claim([own]), authority);
    assert.equal((await scene.btt(seeder.address)) - before, distribution.totalWei);
    assert.equal(await stateOf(), "claimed");
    const [again] = await computeRewards(rewards, [epoch]);
    assert.equal(
      again!.distribution.root,
      distribution.root,
      "posting and claiming change nothing",
    );
    assert.equal(again!.distribution.contentHash, distribution.contentHash);
  });

  test("a root that does not come out of the chain is told, and refused", async () => {
    await using scene = await openScene();
    const { rewards, seeder, authority } = scene;
    await sell(scene, 100n * BTT);
    await scene.redeemer.redeem(true);
    await scene.attributor.attribute();
    await scene.wait(7 * DAY_MS);
    const epoch = await newestEndedEpoch(scene.network);
    const [{ distribution }] = (await computeRewards(rewards, [epoch])) as [
      Awaited<ReturnType<typeof computeRewards>>[number],
    ];
    const lie = { ...distribution, root: `0x${"ab".repeat(32)}` as const };
    await scene.confirm(rewards.post(lie), authority);
    const [own] = await ownRewards(rewards, seeder.address, scene.nowS());
    assert.equal(own?.state, "differs");
    await scene.confirm(rewards.veto(epoch), authority);
    assert.equal(await rewards.posted(epoch), null);
    const [again] = await computeRewards(rewards, [epoch]);
    assert.equal(again!.distribution.root, distribution.root);
  });

  test("proofs of 1 to 9 shares lead to the root of the contract", async () => {
    await using scene = await openScene();
    const { rewards, network, authority, funder, spender, contract } = scene;
    const size = 2n ** 30n;
    const seeders = Array.from(
      { length: 9 },
      (_, index) => new KeySigner(new Uint8Array(32).fill(20 + index)),
    );
    const own = await funder.fund(
      seeders.map(({ address: payee }) => ({ payee, minChallengeSeconds: 3600, wei: BTT })),
    );
    for (const channel of own) {
      const { id, key } = channel!;
      const signature = spender.signVoucher(id, BTT);
      await scene.confirm(
        contract.redeemMany(key.payee, [{ key, total: BTT, signature }]),
        authority,
      );
      const torrent = "09".repeat(32);
      const receipt = spender.signReceipt(id, new Uint8Array(32).fill(9), size, BTT);
      const listed = [{ channel: id, torrent, size, total: BTT, signature: receipt }];
      await scene.confirm(contract.attributeMany([{ key, receipts: listed }]), authority);
    }
    await scene.wait(7 * DAY_MS);
    const epoch = await newestEndedEpoch(network);
    const [computed] = await computeRewards(rewards, [epoch]);
    const { distribution } = computed!;
    assert.equal(distribution.shares.length, 9);
    await scene.confirm(rewards.post(distribution), authority);
    await scene.wait(DAY_MS + HOUR_MS);
    const shares = distribution.shares.map((share) => ({
      ...share,
      epoch,
      proof: distribution.proof(share.index),
    }));
    await scene.confirm(rewards.claim(shares), authority);
    for (const { index } of shares) assert.ok(await rewards.isClaimed(epoch, index));
    const posted = await rewards.posted(epoch);
    assert.equal(posted?.claimedWei, distribution.totalWei);
  });
});
