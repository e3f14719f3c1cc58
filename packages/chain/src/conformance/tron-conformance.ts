import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock, Store } from "@shoal/runtime";
import { BTT_TOTAL_SUPPLY_WEI, bttAbi, bttArtifact } from "@shoal/contracts";
import { TronWeb } from "tronweb";
import type { KeySigner } from "../accounts/key-signer.ts";
import { RevertError } from "../errors.ts";
import { type Address, ZERO_ADDRESS } from "../network/address.ts";
import { callContract, deployContract, readContract } from "../network/contract.ts";
import type { Network } from "../network/network.ts";
import { balanceOf, tokenMoves, transferIntent } from "../network/token.ts";
import type { Intent, Receipt } from "../network/transaction.ts";
import { Sender } from "../sending/sender.ts";
import { planSend } from "../wallet/plan-send.ts";
import { readHistory } from "../wallet/read-history.ts";

/** A network of TRON to hold to what is expected of one, and somebody on it who has TRX. */
export interface TronSubject {
  readonly network: Network;
  /** `http://…`: where TronWeb finds the same node. */
  readonly url: string;
  /** Has a few hundred TRX. */
  readonly rich: KeySigner;
  readonly richKey: string;
  /** Gets what is sent. */
  readonly friend: Address;
  /** Nobody whom the network has heard of, another one each time. */
  stranger(): Address;
  readonly store: Store;
  readonly clock: Clock;
  /** Brings blocks about, where nobody else does. */
  mine(blocks: number): Promise<void>;
}

/** The same flows against whatever answers as TRON: the emulation, or Nile. One deployment of BTT serves them all. */
export function testTron(name: string, open: () => Promise<TronSubject & AsyncDisposable>): void {
  test(`${name}: BTT is deployed, held, sent, and found again in the history`, async () => {
    await using subject = await open();
    const { network, rich, friend } = subject;
    const sender = await Sender.open(network, subject.store, subject.clock);
    const start = await network.head();
    const deployment = deployContract({
      abi: bttAbi,
      bytecode: bttArtifact.bytecode,
      args: [[rich.address], [BTT_TOTAL_SUPPLY_WEI]],
      contractName: "BTT",
    });
    const deployed = await settle(subject, sender, deployment);
    const btt = deployed.contractAddress ?? assert.fail("a deployment has an address");
    assert.equal(await network.isContract(btt), true);
    assert.equal(await network.isContract(friend), false);
    const asset = { kind: "token", address: btt } as const;
    assert.equal(await balanceOf(network, asset, rich.address), BTT_TOTAL_SUPPLY_WEI);

    const amount = 1_234_567_890_123_456_789n;
    const intent = transferIntent(asset, friend, amount);
    const simulated = await network.simulate(intent, rich.address);
    assert.ok(simulated.ok);
    assert.deepEqual(simulated.moves, [{ asset, from: rich.address, to: friend, amount }]);
    const before = await network.coinBalance(rich.address);
    const receipt = await settle(subject, sender, intent);
    assert.equal(receipt.isSuccess, true);
    assert.equal(receipt.from, rich.address);
    assert.equal(receipt.to, btt);
    assert.equal(before - (await network.coinBalance(rich.address)), receipt.fee);
    assert.equal(await balanceOf(network, asset, friend), amount);
    assert.equal(await balanceOf(network, asset, friend, { at: "final" }), amount);
    assert.equal(await balanceOf(network, asset, friend, { assurance: "quorum" }), amount);

    const { latest } = await network.head();
    const range = { fromBlock: start.latest.number, toBlock: latest.number };
    const moves = await tokenMoves(network, { ...range, token: btt, owner: rich.address });
    assert.deepEqual(
      moves.map((move) => ({ to: move.to, amount: move.amount, id: move.transactionId })),
      [
        { to: rich.address, amount: BTT_TOTAL_SUPPLY_WEI, id: deployed.id },
        { to: friend, amount, id: receipt.id },
      ],
    );
    await testWallet(subject, sender, btt, start.latest.number);
    await testWithTronWeb(subject, btt, amount);
    await testRefusals(subject, sender, btt);
  });

  test(`${name}: TRX is sent to a friend and to a stranger, and found again`, async () => {
    await using subject = await open();
    const { network, rich, friend } = subject;
    const sender = await Sender.open(network, subject.store, subject.clock);
    const start = await network.head();
    const stranger = subject.stranger();
    for (const [to, amount] of [
      [friend, 1_000_001n],
      [stranger, 2_000_002n],
    ] as const) {
      const before = await network.coinBalance(to);
      const receipt = await settle(subject, sender, { kind: "transfer", to, amount });
      assert.equal(await network.coinBalance(to), before + amount);
      if (to === stranger) assert.equal(receipt.fee, 1_100_000n, "what an account costs");
      const { number } = receipt.block;
      const moves = await network.coinMoves({ owner: to, fromBlock: number, toBlock: number });
      assert.deepEqual(
        moves.map((move) => [move.from, move.to, move.amount, move.transactionId]),
        [[rich.address, to, amount, receipt.id]],
      );
    }
    const { final, latest } = await network.head();
    assert.ok(final.number >= start.final.number && latest.number > start.latest.number);
    assert.deepEqual(await network.block(start.latest.number), start.latest);
    assert.equal(await network.block(latest.number + 1_000_000), null);
  });

  test(`${name}: a transaction that is broadcast twice is paid once`, async () => {
    await using subject = await open();
    const { network, rich, friend } = subject;
    const intent: Intent = { kind: "transfer", to: friend, amount: 3n };
    const prepared = await network.prepare(intent, { from: rich.address });
    const signed = await network.sign(prepared, rich);
    assert.deepEqual(await network.status(signed.id), { state: "unknown" });
    const before = await network.coinBalance(friend);
    for (let times = 0; times < 3; times++) {
      assert.deepEqual(await network.broadcast(signed), { state: "accepted" });
    }
    await subject.mine(1);
    await included(subject, signed.id);
    assert.deepEqual(await network.broadcast(signed), { state: "accepted" });
    assert.equal(await network.coinBalance(friend), before + 3n);
    const again = await network.prepare(intent, { from: rich.address });
    assert.notEqual(again.digest, prepared.digest, "the same once more is another transaction");
  });
}

/** What `shoal wallet send` and `shoal wallet history` show. */
async function testWallet(
  { network, rich, friend }: TronSubject,
  sender: Sender,
  btt: Address,
  fromBlock: number,
): Promise<void> {
  const asset = { kind: "token", address: btt } as const;
  const known = [{ address: friend, name: "Fritz" }];
  const request = { from: rich.address, to: friend, asset, amount: 10n ** 18n, known };
  const plan = await planSend(network, request);
  assert.deepEqual(plan.warnings, []);
  assert.equal(plan.denomination.symbol, "BTT");
  assert.equal(plan.description[0], "send 1 BTT");
  assert.match(plan.description[2] ?? "", /^to {3}T[1-9A-Za-z]{33} \(Fritz\)$/);
  assert.match(plan.description[4] ?? "", /^fee {2}about [\d.]+ TRX, [\d.]+ TRX at the most$/);
  const strange = await planSend(network, { ...request, known: [] });
  assert.deepEqual(
    strange.warnings.map(({ code }) => code),
    ["first-time"],
  );
  await assert.rejects(planSend(network, { ...request, to: btt }), { code: "refused" });
  const outgoing = await sender.list({ sender: rich.address });
  const history = await readHistory(network, { owner: rich.address, asset, outgoing, fromBlock });
  assert.deepEqual(
    history.map(({ direction, state, with: other }) => [direction, state, other]),
    [
      ["out", "final", friend],
      ["in", "final", ZERO_ADDRESS],
    ],
  );
}

/** Unmodified TronWeb sees the same contract, balance and event. */
async function testWithTronWeb(subject: TronSubject, btt: Address, amount: bigint): Promise<void> {
  const { network, friend, url, richKey } = subject;
  const web = new TronWeb({ fullHost: url, privateKey: richKey });
  const address = network.formatAddress(btt);
  const contract = web.contract(structuredClone(bttAbi) as never, address) as {
    readonly methods: Record<string, (...args: unknown[]) => { call(): Promise<unknown> }>;
  };
  const balance = await contract.methods["balanceOf"]?.(network.formatAddress(friend)).call();
  assert.equal(balance, amount);
  assert.equal(await contract.methods["symbol"]?.().call(), "BTT");
}

async function testRefusals(subject: TronSubject, sender: Sender, btt: Address): Promise<void> {
  const { network, rich, friend } = subject;
  const asset = { kind: "token", address: btt } as const;
  const tooMuch = transferIntent(asset, friend, BTT_TOTAL_SUPPLY_WEI);
  const simulated = await network.simulate(tooMuch, rich.address);
  assert.ok(!simulated.ok && simulated.code === "reverted");
  await assert.rejects(network.prepare(tooMuch, { from: rich.address }), { code: "reverted" });
  const spend = callContract({
    address: btt,
    abi: bttAbi,
    functionName: "transferFrom",
    args: [friend, rich.address, 1n],
  });
  await assert.rejects(sender.send(spend, rich), RevertError);
  const everything: Intent = { kind: "transfer", to: friend, amount: 10n ** 18n };
  await assert.rejects(sender.send(everything, rich), { code: "insufficient-funds" });
  const small = transferIntent(asset, friend, 1n);
  await assert.rejects(network.prepare(small, { from: rich.address, maxFee: 1n }), {
    code: "fee-too-high",
  });
  await assert.rejects(
    readContract(network, { address: friend, abi: bttAbi, functionName: "symbol", args: [] }),
    { code: "not-found" },
  );
}

async function settle(subject: TronSubject, sender: Sender, intent: Intent): Promise<Receipt> {
  const { id } = await sender.send(intent, subject.rich);
  // Enough that the newest of them makes the transaction's own final.
  await subject.mine(20);
  const status = await sender.waitFor(id, { until: "final" });
  assert.ok(status !== null, "it is in a block");
  assert.equal((await sender.list({ id }))[0]?.state, "done");
  return status.receipt;
}

async function included({ network, clock }: TronSubject, id: Receipt["id"]): Promise<void> {
  for (;;) {
    if ((await network.status(id)).state === "included") return;
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.setTimer(1000, resolve);
    await promise;
  }
}
