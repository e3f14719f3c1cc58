import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import {
  type Address,
  balanceOf,
  type EmbeddedChain,
  EMBEDDED_BTT_ADDRESS,
  EMBEDDED_CHANNELS_ADDRESS,
  KeySigner,
  type Network,
  openEmbeddedChain,
  openNetwork,
  Sender,
} from "@shoal/chain";
import type { Runtime } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import { ChannelStore } from "../buying/channel-store.ts";
import { PayChecks, SessionSigner } from "../channel/pay-crypto.ts";
import { PayDigests } from "../channel/pay-digests.ts";
import { ClaimStore } from "../selling/claim-store.ts";
import { ChainFunder } from "./chain-funder.ts";
import { ChannelsContract } from "./channels-contract.ts";
import { Redeemer } from "./redeemer.ts";

const BTT = 10n ** 18n;
const HOUR = 3600;

interface Scene extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly chain: EmbeddedChain;
  readonly network: Network;
  readonly sender: Sender;
  readonly contract: ChannelsContract;
  readonly digests: PayDigests;
  btt(owner: Address): Promise<bigint>;
}

async function openScene(): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "shoal-settlement-"));
  const runtime = await createNodeRuntime({ logLevel: "error", storePath: join(folder, "store") });
  const chain = await openEmbeddedChain({ ...runtime, folder: join(folder, "chain") });
  const network = await openNetwork("embedded", { http: runtime.http, embedded: chain });
  const sender = await Sender.open(network, runtime.store, runtime.clock);
  return {
    runtime,
    chain,
    network,
    sender,
    contract: new ChannelsContract(network, EMBEDDED_CHANNELS_ADDRESS),
    digests: new PayDigests({ chainId: chain.chainId, contract: EMBEDDED_CHANNELS_ADDRESS }),
    btt: async (owner) =>
      await balanceOf(network, { kind: "token", address: EMBEDDED_BTT_ADDRESS }, owner),
    async [Symbol.asyncDispose]() {
      await network.close();
      await chain.close();
      await runtime.close();
      await rm(folder, { recursive: true });
    },
  };
}

function person(number: number): { readonly key: Uint8Array; readonly signer: KeySigner } {
  const key = new Uint8Array(32).fill(number);
  return { key, signer: new KeySigner(Uint8Array.from(key)) };
}

async function fund({ chain }: Scene, ...people: Address[]): Promise<void> {
  for (const each of people) await chain.request({ method: "shoal_faucet", params: [each] });
}

async function openFunder(scene: Scene, payer: KeySigner, session: KeySigner) {
  const { runtime, sender, contract, digests } = scene;
  const channels = await ChannelStore.open({ ...runtime, network: "embedded" });
  const funder = new ChainFunder({
    contract,
    token: EMBEDDED_BTT_ADDRESS,
    sender,
    payer,
    signer: session.address,
    digests,
    channels,
    random: runtime.random,
  });
  return { funder, channels };
}

suite("settlement on the embedded chain", () => {
  test("channels are opened in one transaction, redeemed in one, and balances agree to the wei", async () => {
    await using scene = await openScene();
    const [payer, session, sellerA, sellerB] = [person(1), person(2), person(3), person(4)];
    await fund(scene, payer.signer.address, sellerA.signer.address);
    const before = await scene.btt(payer.signer.address);
    const { funder, channels } = await openFunder(scene, payer.signer, session.signer);
    const payees = [sellerA.signer.address, sellerB.signer.address];
    const own = await funder.fund(
      payees.map((payee) => ({ payee, minChallengeSeconds: HOUR, wei: 3n * BTT })),
    );
    assert.equal(before - (await scene.btt(payer.signer.address)), 6n * BTT);
    assert.deepEqual(
      own.map((channel) => channel?.capacity),
      [3n * BTT, 3n * BTT],
    );
    assert.deepEqual(
      channels.all().map(({ state }) => state),
      ["open", "open"],
    );

    const spender = new SessionSigner(scene.digests, session.signer.address, session.key);
    const claims = await ClaimStore.open({ ...scene.runtime, network: "embedded" });
    const checks = new PayChecks(scene.digests);
    for (const [index, channel] of own.entries()) {
      assert.ok(channel !== null);
      const total = BTT + BigInt(index) + 7n;
      const signature = spender.signVoucher(channel.id, total);
      assert.ok(checks.isVoucher(channel.id, total, session.signer.address, signature));
      claims.put({ ...claims.of(channel.id, channel.key), total, signature });
    }
    const redeemer = new Redeemer({
      contract: scene.contract,
      claims,
      sender: scene.sender,
      payee: sellerA.signer,
      worthWei: BTT,
    });
    const sellerBefore = await scene.btt(sellerA.signer.address);
    const done = await redeemer.redeem();
    assert.equal(done.claims, 1, "claims are the payee's own alone");
    assert.equal(done.grossWei, BTT + 7n);
    const gain = (await scene.btt(sellerA.signer.address)) - sellerBefore;
    assert.equal(gain, BTT + 7n - (BTT + 7n) / 20n);
    assert.deepEqual(await redeemer.redeem(true), { claims: 0, grossWei: 0n, transactions: [] });
  });

  test("a channel that is kept is used again and topped up; one that is closing is not", async () => {
    await using scene = await openScene();
    const [payer, session, seller] = [person(1), person(2), person(3)];
    await fund(scene, payer.signer.address);
    const { funder } = await openFunder(scene, payer.signer, session.signer);
    const wanted = { payee: seller.signer.address, minChallengeSeconds: HOUR, wei: BTT };
    const [first] = await funder.fund([wanted]);
    const again = await openFunder(scene, payer.signer, session.signer);
    const [second] = await again.funder.fund([{ ...wanted, wei: 3n * BTT }]);
    assert.equal(second?.id, first?.id, "found in the store after a restart");
    assert.equal(second?.capacity, 3n * BTT);
    const { id } = await scene.sender.send(scene.contract.startClose(first!.key), payer.signer);
    await scene.sender.waitFor(id, { until: "final" });
    const [third] = await again.funder.fund([wanted]);
    assert.notEqual(third?.id, first?.id);
  });

  test("without money for it there is no channel, and what there is goes on", async () => {
    await using scene = await openScene();
    const [payer, session, seller] = [person(1), person(2), person(3)];
    await fund(scene, payer.signer.address);
    const { funder } = await openFunder(scene, payer.signer, session.signer);
    const wanted = { payee: seller.signer.address, minChallengeSeconds: HOUR, wei: BTT };
    const [first] = await funder.fund([wanted]);
    const much = 10n ** 12n * BTT;
    const found = await funder.fund([
      { ...wanted, wei: much },
      { ...wanted, payee: person(9).signer.address, wei: much },
    ]);
    assert.deepEqual(
      found.map((channel) => channel?.id ?? null),
      [first?.id, null],
    );
  });

  test("a payer that begins to close is redeemed against, whatever little it is worth", async () => {
    await using scene = await openScene();
    const [payer, session, seller] = [person(1), person(2), person(3)];
    await fund(scene, payer.signer.address, seller.signer.address);
    const { funder } = await openFunder(scene, payer.signer, session.signer);
    const [channel] = await funder.fund([
      { payee: seller.signer.address, minChallengeSeconds: HOUR, wei: BTT },
    ]);
    assert.ok(channel);
    const spender = new SessionSigner(scene.digests, session.signer.address, session.key);
    const claims = await ClaimStore.open({ ...scene.runtime, network: "embedded" });
    const { contract, sender } = scene;
    const redeemer = new Redeemer({
      contract,
      claims,
      sender,
      payee: seller.signer,
      worthWei: BTT,
    });
    claims.put({
      ...claims.of(channel.id, channel.key),
      total: 1000n,
      signature: spender.signVoucher(channel.id, 1000n),
    });
    assert.equal((await redeemer.redeem()).claims, 0, "not worth it yet");
    const { id } = await sender.send(contract.startClose(channel.key), payer.signer);
    await sender.waitFor(id, { until: "final" });
    assert.equal((await redeemer.redeem()).grossWei, 1000n);
    assert.equal((await contract.read(channel.id))?.paid, 1000n);
  });
});
