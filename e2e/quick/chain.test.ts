import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { suite, test } from "node:test";
import { createPublicClient, http, type Hex, keccak256, toHex } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { transferData } from "../../packages/chain/src/testing/embedded-fixture.ts";
import { createWorkspace, type Running } from "./workspace.ts";

/** Kills in `npm test`; more with SHOAL_CHAIN_KILLS. */
const KILLS = Number(process.env["SHOAL_CHAIN_KILLS"] ?? 12);

/** A kill comes after so many more transactions at the most, and so much later: at any moment of the next ones. */
const MAX_TRANSACTIONS = 150;
const MAX_LATER_MS = 60;

/** Transactions without an answer, of each sender. */
const BATCH = 25;

interface Listening {
  readonly http: string;
  readonly chainId: number;
  readonly btt: Hex;
}

/** What a chain has told: it must never be otherwise. */
interface Told {
  /** By the hash of an acknowledged transaction, its block once that was seen. */
  readonly acknowledged: Set<Hex>;
  readonly blocks: Map<string, Hex>;
  /** Called whenever there are more. */
  onMore: () => void;
}

async function rpc(
  url: string,
  calls: readonly (readonly [string, readonly unknown[]])[],
): Promise<unknown[]> {
  const requests = calls.map(([method, params], id) => ({ jsonrpc: "2.0", id, method, params }));
  const response = await fetch(url, { method: "POST", body: JSON.stringify(requests) });
  const answers = (await response.json()) as { result?: unknown; error?: unknown }[];
  return answers.map(({ result, error }) => {
    if (error !== undefined) throw new Error(JSON.stringify(error));
    return result;
  });
}

/** Sends batches of transfers one after the other until the chain is gone. */
async function load(
  { http: url, chainId, btt }: Listening,
  sender: PrivateKeyAccount,
  told: Told,
): Promise<void> {
  const [count] = await rpc(url, [["eth_getTransactionCount", [sender.address, "latest"]]]);
  for (let nonce = Number(count); ; nonce += BATCH) {
    const batch = await Promise.all(
      Array.from({ length: BATCH }, (_, index) =>
        sender.signTransaction({
          type: "eip1559",
          chainId,
          nonce: nonce + index,
          gas: 100_000n,
          maxFeePerGas: 1_000_000_000n,
          maxPriorityFeePerGas: 0n,
          to: btt,
          data: transferData(sender.address === BOB ? ALICE.address : BOB, 1n),
        }),
      ),
    );
    const hashes = await rpc(
      url,
      batch.map((raw) => ["eth_sendRawTransaction", [raw]] as const),
    );
    for (const hash of hashes) told.acknowledged.add(hash as Hex);
    told.onMore();
    await noteBlocks(url, told);
  }
}

async function noteBlocks(url: string, told: Told): Promise<void> {
  const [block] = await rpc(url, [["eth_getBlockByNumber", ["latest", false]]]);
  const { number, hash } = block as { number: string; hash: Hex };
  assert.equal(told.blocks.get(number) ?? hash, hash, `block ${number}`);
  told.blocks.set(number, hash);
}

const ALICE = privateKeyToAccount(keccak256(toHex("kill test: alice")));
const CAROL = privateKeyToAccount(keccak256(toHex("kill test: carol")));
const BOB = privateKeyToAccount(keccak256(toHex("kill test: bob"))).address;

suite("shoal chain", () => {
  test("starts with a faucet, says where it is, and ends with Ctrl-C", async (t) => {
    const shell = createWorkspace(t);
    const absent = await shell.run(["chain", "status"]);
    assert.equal(absent.exitCode, 3);
    const running = shell.start(["chain", "start", "--port", "0"]);
    const told = (await running.waitFor("listening")) as unknown as Listening;
    const client = createPublicClient({ transport: http(told.http) });
    assert.equal(await client.getChainId(), told.chainId);
    await rpc(told.http, [["shoal_faucet", [BOB]]]);
    assert.equal(await client.getBalance({ address: BOB }), 10n * 10n ** 18n);
    const status = await shell.json(["chain", "status"]);
    assert.deepEqual(
      [status["playMoney"], status["http"], status["chainId"], status["block"]],
      [true, told.http, told.chainId, 3],
    );
    const second = await shell.run(["chain", "start", "--port", "0"]);
    assert.equal(second.exitCode, 1);
    assert.match(second.stderr, /chain\.journal is in use by another program/);
    running.kill("SIGINT");
    const ended = await running.ended;
    assert.equal(ended.exitCode, 130);
    assert.match(ended.stderr, /play money/);
    assert.equal((await shell.run(["chain", "status"])).exitCode, 3);
  });

  test(`killed ${KILLS} times under load, it has every acknowledged transaction and every block`, async (t) => {
    const shell = createWorkspace(t);
    const told: Told = { acknowledged: new Set(), blocks: new Map(), onMore: () => {} };
    let chainId: number | null = null;
    for (let run = 0; run <= KILLS; run++) {
      const running = shell.start(["chain", "start", "--port", "0", "--data", "chain"]);
      const listening = await listen(running);
      const { http: url } = listening;
      chainId ??= listening.chainId;
      assert.equal(listening.chainId, chainId);
      if (run === 0) {
        await rpc(url, [
          ["shoal_faucet", [ALICE.address]],
          ["shoal_faucet", [CAROL.address]],
        ]);
      }
      await assertKept(url, told, listening);
      if (run === KILLS) break;
      const loads = [ALICE, CAROL].map((sender) =>
        // The end of the chain ends the load; whatever else went wrong shows in what is kept.
        load(listening, sender, told).catch((error: unknown) => {
          if (error instanceof assert.AssertionError) throw error;
        }),
      );
      const enough = told.acknowledged.size + randomInt(MAX_TRANSACTIONS);
      await new Promise<void>((resolve) => {
        told.onMore = () => {
          if (told.acknowledged.size >= enough) setTimeout(resolve, randomInt(MAX_LATER_MS));
        };
      });
      running.kill("SIGKILL");
      await running.ended;
      await Promise.all(loads);
    }
    assert.ok(told.acknowledged.size >= KILLS * BATCH, `${told.acknowledged.size} acknowledged`);
    t.diagnostic(`${told.acknowledged.size} transactions, ${told.blocks.size} blocks seen`);
  });
});

async function listen(running: Running): Promise<Listening> {
  return (await running.waitFor("listening")) as unknown as Listening;
}

async function assertKept(url: string, told: Told, { btt }: Listening): Promise<void> {
  const hashes = [...told.acknowledged];
  let sent = 0n;
  for (let at = 0; at < hashes.length; at += 500) {
    const some = hashes.slice(at, at + 500);
    const receipts = await rpc(
      url,
      some.map((hash) => ["eth_getTransactionReceipt", [hash]] as const),
    );
    for (const [index, receipt] of receipts.entries()) {
      assert.equal((receipt as { status: Hex } | null)?.status, "0x1", some[index]);
      sent++;
    }
  }
  const numbers = [...told.blocks.keys()];
  const blocks = await rpc(url, [
    ...numbers.map((number) => ["eth_getBlockByNumber", [number, false]] as const),
    ["eth_call", [{ to: btt, data: `0x70a08231${BOB.slice(2).padStart(64, "0")}` }, "latest"]],
  ]);
  const balance = BigInt(blocks.pop() as Hex);
  for (const [index, block] of blocks.entries()) {
    const number = numbers[index]!;
    assert.equal((block as { hash: Hex }).hash, told.blocks.get(number), `block ${number}`);
  }
  assert.ok(balance >= sent, `${balance} arrived of ${sent} acknowledged`);
}
