import assert from "node:assert/strict";
import { test } from "node:test";
import { BTT_TOTAL_SUPPLY_WEI } from "@shoal/contracts";
import { type Hex, keccak256 } from "viem";
import {
  balanceOf,
  createEmbeddedFixture,
  person,
  send,
  sign,
  transferData,
} from "../testing/embedded-fixture.ts";
import type { EmbeddedChain } from "./embedded-chain.ts";
import { FAUCET_BTT_WEI, FAUCET_COIN_WEI } from "./faucet.ts";

const alice = person("alice");
const bob = person("bob");

async function rpc(chain: EmbeddedChain, method: string, ...params: unknown[]): Promise<unknown> {
  return await chain.request({ method, params });
}

async function hashes(chain: EmbeddedChain): Promise<unknown[]> {
  const numbers = Array.from({ length: chain.head.number + 1 }, (_, n) => `0x${n.toString(16)}`);
  const blocks = await Promise.all(
    numbers.map((n) => rpc(chain, "eth_getBlockByNumber", n, false)),
  );
  return blocks.map((block) => (block as { hash: Hex }).hash);
}

test("a new chain has an id of its own, all BTT at its faucet, and gives play money away", async () => {
  await using fixture = await createEmbeddedFixture();
  const chain = await fixture.open();
  await using second = await createEmbeddedFixture();
  assert.notEqual(chain.chainId, (await second.open()).chainId);
  assert.ok(chain.chainId > 2 ** 40 && chain.chainId < 4_503_599_627_370_476);
  assert.equal(await balanceOf(chain, chain.faucetAddress, chain.bttAddress), BTT_TOTAL_SUPPLY_WEI);
  await rpc(chain, "shoal_faucet", alice.address);
  // Two at once do not get into each other's way.
  await Promise.all([
    rpc(chain, "shoal_faucet", alice.address),
    rpc(chain, "shoal_faucet", bob.address),
  ]);
  assert.equal(await balanceOf(chain, alice.address), 2n * FAUCET_COIN_WEI);
  assert.equal(await balanceOf(chain, alice.address, chain.bttAddress), 2n * FAUCET_BTT_WEI);
  assert.equal(await balanceOf(chain, bob.address, chain.bttAddress), FAUCET_BTT_WEI);
  assert.match(String(await rpc(chain, "web3_clientVersion")), /play-money/);
  assert.equal(
    ((await rpc(chain, "shoal_chainInfo")) as { isPlayMoney: boolean }).isPlayMoney,
    true,
  );
});

test("what was sent is there when the chain is opened again, with every hash and every receipt", async () => {
  await using fixture = await createEmbeddedFixture();
  const chain = await fixture.open();
  await rpc(chain, "shoal_faucet", alice.address);
  const sent = await Promise.all(
    Array.from({ length: 50 }, async (_, nonce) =>
      send(
        chain,
        await sign(chain, alice, {
          nonce,
          to: chain.bttAddress,
          data: transferData(bob.address, 1n),
        }),
      ),
    ),
  );
  // Looking at what would be must not change what will be.
  await rpc(chain, "eth_call", { to: bob.address }, "pending");
  await rpc(chain, "eth_getBlockByNumber", "pending", false);
  await send(chain, await sign(chain, alice, { nonce: 50, to: bob.address, value: 5n }));
  const receipts = await Promise.all(
    sent.map((hash) => rpc(chain, "eth_getTransactionReceipt", hash)),
  );
  const before = await hashes(chain);
  const { chainId, head } = chain;
  await chain.close();
  const again = await fixture.open();
  assert.deepEqual(
    [again.chainId, again.head, again.restored.blocks, again.restored.transactions],
    [chainId, head, head.number, 55],
  );
  assert.deepEqual(await hashes(again), before);
  assert.deepEqual(
    await Promise.all(sent.map((hash) => rpc(again, "eth_getTransactionReceipt", hash))),
    receipts,
  );
  assert.equal(await balanceOf(again, bob.address, again.bttAddress), 50n);
  assert.equal(await balanceOf(again, bob.address), 5n);
});

test("a transaction is refused in the words that wallets know", async () => {
  await using fixture = await createEmbeddedFixture();
  const chain = await fixture.open();
  await rpc(chain, "shoal_faucet", alice.address);
  const to = bob.address;
  const draft = async (more: object) =>
    send(chain, await sign(chain, alice, { nonce: 0, to, ...more }));
  const raw = await sign(chain, alice, { nonce: 0, to });
  await send(chain, raw);
  await assert.rejects(draft({ value: 1n }), { code: -32003, message: /^nonce too low/ });
  await assert.rejects(draft({ nonce: 1, value: 10n ** 30n }), {
    code: -32003,
    message: /^insufficient funds/,
  });
  await assert.rejects(draft({ nonce: 1, maxFeePerGas: 5n }), {
    code: -32003,
    message: /less than block base fee/,
  });
  await assert.rejects(draft({ nonce: 1, gas: 20_000n }), { message: /^intrinsic gas too low/ });
  await assert.rejects(draft({ nonce: 1, gas: 16_777_217n }), { message: /^exceeds block gas/ });
  await assert.rejects(send(chain, "0x02c0"), { code: -32602 });
  await assert.rejects(rpc(chain, "eth_sendRawTransaction"), { code: -32602 });
  await assert.rejects(rpc(chain, "eth_sendRawTransaction", `0x03${"00".repeat(99)}`), {
    message: /blobs/,
  });
  const other = { chainId: chain.chainId + 1 };
  await assert.rejects(send(chain, await sign(other, alice, { nonce: 1, to })), { code: -32602 });
  // None of that has left anything behind.
  await draft({ nonce: 1, value: 7n });
  assert.equal(await balanceOf(chain, to), 7n);
  // A program that was killed while it sent something may send it again.
  assert.equal(await send(chain, raw), keccak256(raw));
});

test("transactions that come too early wait, survive a restart, and follow the one that was missing", async () => {
  await using fixture = await createEmbeddedFixture();
  let chain = await fixture.open();
  await rpc(chain, "shoal_faucet", alice.address);
  const to = bob.address;
  const [first, ...later] = await Promise.all(
    [0, 1, 2].map((nonce) => sign(chain, alice, { nonce, to, value: 1n })),
  );
  for (const raw of later) await send(chain, raw);
  assert.equal(await balanceOf(chain, to), 0n);
  await chain.close();
  chain = await fixture.open();
  const waiting = await rpc(chain, "eth_getTransactionByHash", keccak256(later[0]!));
  assert.equal((waiting as { blockNumber: null }).blockNumber, null);
  await send(chain, first!);
  assert.equal(await balanceOf(chain, to), 3n);
  await chain.close();
  chain = await fixture.open();
  assert.equal(await balanceOf(chain, to), 3n);
});

test("where blocks have their times, what was sent waits on the disk for the next one", async () => {
  await using fixture = await createEmbeddedFixture();
  let chain = await fixture.open({ blockTimeMs: 3_600_000 });
  const gift = rpc(chain, "shoal_faucet", alice.address);
  const { transactions } = (await gift) as { transactions: Hex[] };
  assert.equal(await balanceOf(chain, alice.address), 0n);
  assert.equal(
    ((await rpc(chain, "eth_getTransactionByHash", transactions[0])) as { blockHash: null })
      .blockHash,
    null,
  );
  await chain.close();
  // Opened as one that makes blocks at once, it makes up for it.
  chain = await fixture.open();
  assert.equal(await balanceOf(chain, alice.address), FAUCET_COIN_WEI);
  assert.equal(await balanceOf(chain, alice.address, chain.bttAddress), FAUCET_BTT_WEI);
});

test("blocks are a second apart at least, whatever the clock does", async () => {
  await using fixture = await createEmbeddedFixture();
  let offsetMs = 0;
  const { clock } = fixture.runtime;
  const skewed = { ...clock, nowMs: () => clock.nowMs() + offsetMs };
  const chain = await fixture.open({ clock: skewed });
  await rpc(chain, "shoal_faucet", alice.address);
  for (const [nonce, jumpMs] of [0, -86_400_000, 500, 86_400_000, 0].entries()) {
    offsetMs += jumpMs;
    await send(chain, await sign(chain, alice, { nonce, to: bob.address }));
  }
  const times = (
    await Promise.all(
      Array.from({ length: chain.head.number + 1 }, (_, n) =>
        rpc(chain, "eth_getBlockByNumber", `0x${n.toString(16)}`, false),
      ),
    )
  ).map((block) => Number((block as { timestamp: Hex }).timestamp));
  assert.ok(
    times.every((time, n) => n === 0 || time > times[n - 1]!),
    times.join(),
  );
});

test("who asks after a while without transactions sees a block of now", async () => {
  await using fixture = await createEmbeddedFixture();
  let offsetMs = 0;
  const { clock } = fixture.runtime;
  const chain = await fixture.open({ clock: { ...clock, nowMs: () => clock.nowMs() + offsetMs } });
  const { number } = chain.head;
  await rpc(chain, "eth_blockNumber");
  assert.equal(chain.head.number, number);
  offsetMs = 3_600_000;
  assert.equal(Number(await rpc(chain, "eth_blockNumber")), number + 1);
  assert.ok(chain.head.timestampS * 1000 > clock.nowMs() + offsetMs - 5_000);
});

test("methods that would change the chain, or sign, are not there", async () => {
  await using fixture = await createEmbeddedFixture();
  const chain = await fixture.open();
  for (const method of [
    "evm_mine",
    "evm_increaseTime",
    "hardhat_setBalance",
    "hardhat_impersonateAccount",
    "anvil_setCode",
    "debug_traceTransaction",
    "eth_sendTransaction",
    "eth_sign",
    "personal_unlockAccount",
    "constructor",
    "",
  ]) {
    await assert.rejects(rpc(chain, method), { name: "RpcError", code: -32601 });
  }
  await assert.rejects(chain.request({ method: "eth_getBalance", params: "0x" }), { code: -32602 });
});

test("a second program is told that the chain is in use", async () => {
  await using fixture = await createEmbeddedFixture();
  const chain = await fixture.open();
  await assert.rejects(fixture.open(), { name: "DiskError", code: "locked" });
  await chain.close();
  await assert.rejects(rpc(chain, "shoal_faucet", alice.address), { message: /closed/ });
  await (await fixture.open()).close();
});
