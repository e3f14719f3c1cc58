import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import type { Runtime, Store } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import { ChainError, RpcError } from "../errors.ts";
import type { Network } from "../network/network.ts";
import { balanceOf, transferIntent } from "../network/token.ts";
import type { TransferIntent } from "../network/transaction.ts";
import type { Rpc } from "../rpc/rpc.ts";
import { ann, bob, carol, createEvmWorld, type EvmWorld, faulty } from "../testing/evm-world.ts";
import { Sender } from "./sender.ts";

const toCarol = (amount: bigint): TransferIntent => ({
  kind: "transfer",
  to: carol.address,
  amount,
});

suite("sender", () => {
  let folder = "";
  let runtime: Runtime;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "shoal-sender-"));
    runtime = await createNodeRuntime({ storePath: join(folder, "shoal.db") });
  });
  afterEach(async () => {
    await runtime.close();
    rmSync(folder, { recursive: true });
  });

  const open = (network: Network, store: Store = runtime.store) =>
    Sender.open(network, store, runtime.clock);

  /** As after a start: nothing is left but the store. */
  async function restart(): Promise<void> {
    await runtime.close();
    runtime = await createNodeRuntime({ storePath: join(folder, "shoal.db") });
  }

  test("what is sent is settled once its block is final", async () => {
    const { network, evm } = await createEvmWorld();
    const sender = await open(network);
    const { id } = await sender.send(toCarol(5n), ann);
    const status = await sender.waitFor(id);
    assert.ok(status !== null && !status.isFinal && status.confirmations === 1);
    assert.equal((await sender.list({ id }))[0]?.state, "waiting");
    await evm.mine(2);
    assert.deepEqual(await sender.refresh(), []);
    assert.equal((await sender.list({ id }))[0]?.state, "done");
  });

  /** Sends one unit and dies at a step, before or after a request or a commit. */
  async function sendAndDie(
    world: EvmWorld,
    dieAt: number,
  ): Promise<{ steps: number; isDone: boolean }> {
    let steps = 0;
    const step = () => {
      steps++;
      if (steps >= dieAt) throw new Error("killed");
    };
    // The node may have the transaction, and its answer never comes.
    const mortal = faulty(world.evm, async (_method, next) => {
      step();
      const answer = await next();
      step();
      return answer;
    });
    const network = world.networkOver([{ name: "mortal", rpc: mortal }]);
    try {
      const sender = await open(network, dyingStore(runtime.store, step));
      await sender.send(toCarol(1n), ann, { key: `payment ${dieAt}` });
      return { steps, isDone: true };
    } catch {
      return { steps, isDone: false };
    }
  }

  test("killed after any step, nothing is lost and nothing is doubled", async () => {
    const world = await createEvmWorld();
    for (let dieAt = 1; ; dieAt++) {
      const before = await world.network.coinBalance(carol.address);
      const { steps, isDone } = await sendAndDie(world, dieAt);
      const again = await open(world.network);
      await again.refresh();
      const { id } = await again.send(toCarol(1n), ann, { key: `payment ${dieAt}` });
      assert.ok((await again.waitFor(id)) !== null);
      await world.evm.mine(3);
      await again.refresh();
      const after = await world.network.coinBalance(carol.address);
      assert.equal(after - before, 1n, `killed at step ${dieAt}`);
      if (!isDone) continue;
      assert.ok(steps >= 15, `${steps} steps`);
      break;
    }
  });

  test("an answer that is lost after the node has taken it loses and doubles nothing", async () => {
    const world = await createEvmWorld();
    const deaf = faulty(world.evm, async (method, next) => {
      const answer = await next();
      if (method === "eth_sendRawTransaction") {
        throw new ChainError("unreachable", "deaf does not answer (timeout).");
      }
      return answer;
    });
    const sender = await open(world.networkOver([{ name: "deaf", rpc: deaf }]));
    const sent = await sender.send(toCarol(5n), ann);
    assert.equal(sent.state, "waiting");
    assert.ok((await sender.waitFor(sent.id)) !== null);
    assert.equal(await world.network.coinBalance(carol.address), 5n);
  });

  test("while no node answers it waits on disk, and is sent once one does", async () => {
    const world = await createEvmWorld();
    let isDown = true;
    const weak = faulty(world.evm, async (method, next) => {
      if (isDown && method === "eth_sendRawTransaction") {
        throw new ChainError("unreachable", "weak does not answer (timeout).");
      }
      return await next();
    });
    const network = world.networkOver([{ name: "weak", rpc: weak }]);
    const { id, trouble } = await (await open(network)).send(toCarol(5n), ann);
    assert.match(trouble ?? "", /No endpoint/);
    await restart();
    const sender = await open(network);
    assert.equal((await sender.refresh()).length, 1);
    assert.equal(await world.network.coinBalance(carol.address), 0n);
    isDown = false;
    await sender.refresh();
    assert.ok((await sender.waitFor(id)) !== null);
    assert.equal(await world.network.coinBalance(carol.address), 5n);
  });

  test("two programs that send for one account at once never take one number twice", async () => {
    const world = await createEvmWorld();
    const other = await createNodeRuntime({ storePath: join(folder, "shoal.db") });
    try {
      const senders = [await open(world.network), await open(world.network, other.store)];
      const sent = await Promise.all(
        Array.from({ length: 20 }, (_, at) => senders[at % 2]!.send(toCarol(1n), ann)),
      );
      assert.equal(new Set(sent.map(({ signed }) => signed.prepared.sequence)).size, 20);
      for (const { id } of sent) assert.ok((await senders[0]!.waitFor(id)) !== null);
      assert.equal(await world.network.coinBalance(carol.address), 20n);
    } finally {
      await other.close();
    }
  });

  test("a block that is undone takes its transactions back, and they are sent again", async () => {
    const { network, evm, btt } = await createEvmWorld();
    const sender = await open(network);
    const snapshot = await evm.request({ method: "evm_snapshot" });
    const asset = { kind: "token", address: btt } as const;
    const { id } = await sender.send(transferIntent(asset, carol.address, 5n), ann);
    assert.equal((await network.status(id)).state, "included");
    await evm.request({ method: "evm_revert", params: [snapshot] });
    assert.equal((await network.status(id)).state, "unknown");
    assert.equal(await balanceOf(network, asset, carol.address), 0n);
    await restart();
    const again = await open(network);
    await again.refresh();
    assert.ok((await again.waitFor(id)) !== null);
    assert.equal(await balanceOf(network, asset, carol.address), 5n);
  });

  test("one that waits is replaced by one that pays more, and only one of them counts", async () => {
    const { network, evm } = await createEvmWorld({}, { autoMine: false });
    const sender = await open(network);
    const slow = await sender.send(toCarol(5n), ann, { urgency: "slow" });
    const fast = await sender.speedUp(slow.id, ann, { urgency: "fast" });
    assert.equal(fast.signed.prepared.sequence, slow.signed.prepared.sequence);
    assert.ok(fast.signed.prepared.maxFee > slow.signed.prepared.maxFee);
    await evm.mine(4);
    await sender.refresh();
    await sender.refresh();
    assert.equal((await sender.list({ id: fast.id }))[0]?.state, "done");
    assert.equal((await sender.list({ id: slow.id }))[0]?.state, "replaced");
    assert.equal(await network.coinBalance(carol.address), 5n);
    await assert.rejects(sender.speedUp(fast.id, ann), { code: "refused" });
  });

  test("one that waits is cancelled", async () => {
    const { network, evm } = await createEvmWorld({}, { autoMine: false });
    const sender = await open(network);
    const { id } = await sender.send(toCarol(5n), ann);
    const next = await sender.send(toCarol(7n), ann);
    await sender.cancel(id, ann);
    await evm.mine(4);
    await sender.refresh();
    assert.equal(await sender.waitFor(id), null);
    assert.ok((await sender.waitFor(next.id)) !== null);
    assert.equal(await network.coinBalance(carol.address), 7n);
  });

  test("a liar's word that a number is used up makes nobody sign the same again", async () => {
    const world = await createEvmWorld({}, { autoMine: false });
    const liar: Rpc = faulty(world.evm, async (method, next) => {
      if (method !== "eth_sendRawTransaction") return await next();
      await next();
      throw new RpcError(-32000, "nonce too low");
    });
    const sender = await open(world.networkOver([{ name: "liar", rpc: liar }]));
    const { id, state } = await sender.send(toCarol(5n), ann);
    assert.equal(state, "waiting");
    await world.evm.mine(4);
    await sender.refresh();
    assert.ok((await sender.waitFor(id)) !== null);
    assert.equal(await world.network.coinBalance(carol.address), 5n);
    assert.equal((await sender.list()).length, 1);
  });

  test("what another wallet with the same key has sent meanwhile is told from what is lost", async () => {
    const { network, evm } = await createEvmWorld({}, { autoMine: false });
    const sender = await open(network);
    const ours = await sender.send(toCarol(5n), ann, { urgency: "slow" });
    // The same number, from elsewhere, for more.
    const prepared = await network.prepare(
      { kind: "transfer", to: bob.address, amount: 1n },
      { from: ann.address, replaces: ours.signed.prepared, urgency: "fast" },
    );
    await network.broadcast(await network.sign(prepared, ann));
    await evm.mine(1);
    await sender.refresh();
    assert.equal((await sender.list({ id: ours.id }))[0]?.state, "waiting");
    await evm.mine(3);
    await sender.refresh();
    assert.equal((await sender.list({ id: ours.id }))[0]?.state, "replaced");
    assert.equal(await network.coinBalance(carol.address), 0n);
  });

  test("what the network refuses gives its number back", async () => {
    const world = await createEvmWorld();
    let isStrict = true;
    const strict = faulty(world.evm, async (method, next) => {
      if (isStrict && method === "eth_sendRawTransaction") {
        throw new RpcError(-32000, "transaction underpriced: gas tip cap 1, minimum needed 2");
      }
      return await next();
    });
    const sender = await open(world.networkOver([{ name: "strict", rpc: strict }]));
    await assert.rejects(sender.send(toCarol(5n), ann, { key: "a" }), { code: "refused" });
    isStrict = false;
    const sent = await sender.send(toCarol(5n), ann, { key: "a" });
    assert.ok((await sender.waitFor(sent.id)) !== null);
    assert.equal(await world.network.coinBalance(carol.address), 5n);
  });

  test("a thing is done once, however often it is asked for by its key", async () => {
    const { network } = await createEvmWorld();
    const sender = await open(network);
    const ids = new Set<string>();
    for (let times = 0; times < 3; times++) {
      ids.add((await sender.send(toCarol(5n), ann, { key: "invoice 7" })).id);
    }
    assert.equal(ids.size, 1);
    assert.equal(await network.coinBalance(carol.address), 5n);
  });
});

/** The store, which may die before and after everything that it does. */
function dyingStore(store: Store, step: () => void): Store {
  return {
    async open(schema) {
      const tables = await store.open(schema);
      return {
        async select(statement) {
          step();
          return await tables.select(statement);
        },
        async commit(statements, durability) {
          step();
          await tables.commit(statements, durability);
          step();
        },
      };
    },
    close: () => store.close(),
  };
}
