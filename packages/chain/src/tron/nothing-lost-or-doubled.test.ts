import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createNodeRuntime } from "@shoal/runtime/node";
import type { Clock, Store } from "@shoal/runtime";
import { KeySigner, parsePrivateKey } from "../accounts/key-signer.ts";
import { ChainError } from "../errors.ts";
import type { Network } from "../network/network.ts";
import type { Intent } from "../network/transaction.ts";
import { createTronRpc } from "./tron-rpc.ts";
import type { Rpc } from "../rpc/rpc.ts";
import { Sender } from "../sending/sender.ts";
import { inTronWorld, type TronWorld } from "../testing/tron-world.ts";
import { tronNetworkOver } from "../testing/tron-subject.ts";

const START_SUN = 100_000_000_000n;

interface Bench {
  readonly world: TronWorld;
  /** The emulation's node. */
  readonly node: Rpc;
  readonly alice: KeySigner;
  readonly store: Store;
  /** A network over these endpoints, and a sender of its own, as after a start. */
  start(...endpoints: readonly Rpc[]): Promise<{ network: Network; sender: Sender }>;
  /** What Bob has got so far. */
  received(): Promise<bigint>;
}

async function onBench(body: (bench: Bench) => Promise<void>): Promise<void> {
  const runtime = await createNodeRuntime();
  try {
    await inTronWorld({ mining: "manual" }, async (world) => {
      const clock: Clock = { ...runtime.clock, nowMs: () => world.clock.now };
      await body({
        world,
        node: createTronRpc(runtime.http, world.url),
        alice: new KeySigner(parsePrivateKey(world.alice.key)),
        store: runtime.store,
        async start(...endpoints) {
          const named = endpoints.map((rpc, index) => ({ name: `node ${index}`, rpc }));
          const network = tronNetworkOver(named, world.chain.chainId, clock);
          return { network, sender: await Sender.open(network, runtime.store, clock) };
        },
        async received() {
          return (await world.chain.balance(world.bob.address)) - START_SUN;
        },
      });
    });
  } finally {
    await runtime.close();
  }
}

/** A node, of which one method does something else. */
function withMethod(
  node: Rpc,
  method: string,
  handle: (pass: () => Promise<unknown>) => unknown,
): Rpc {
  return {
    request: async (request) => {
      if (request.method !== method) return await node.request(request);
      return await handle(() => node.request(request));
    },
  };
}

function cutOff(): never {
  throw new ChainError("unreachable", "cut off");
}

/** The transfer that every test here wants to be carried out once. */
function once({ world }: Bench): Intent {
  return { kind: "transfer", to: world.bob.address, amount: 7n };
}

/** Time passes, and with it come blocks that make those before them final. */
async function pass({ world }: Bench, ms: number): Promise<void> {
  world.clock.now += ms;
  await world.chain.mine(19);
}

suite("TRON: nothing is lost, and nothing is paid twice", () => {
  test("killed before any node heard of it: it is sent at the next start", () =>
    onBench(async (bench) => {
      const { node, alice } = bench;
      const dead = withMethod(node, "wallet/broadcasthex", cutOff);
      const first = await bench.start(dead);
      const { id, state } = await first.sender.send(once(bench), alice, { key: "rent" });
      assert.equal(state, "waiting");
      await pass(bench, 10_000);
      assert.equal(await bench.received(), 0n);
      const second = await bench.start(node);
      assert.equal((await second.sender.send(once(bench), alice, { key: "rent" })).id, id);
      await second.sender.refresh();
      await pass(bench, 10_000);
      await second.sender.refresh();
      assert.equal(await bench.received(), 7n);
      assert.equal((await second.sender.list({ id }))[0]?.state, "done");
    }));

  test("a node that takes it and answers nothing: it is found, not sent again", () =>
    onBench(async (bench) => {
      const { node, alice } = bench;
      const mute = withMethod(node, "wallet/broadcasthex", async (passOn) => {
        await passOn();
        return cutOff();
      });
      const { sender } = await bench.start(mute);
      const { state } = await sender.send(once(bench), alice);
      assert.equal(state, "waiting");
      await pass(bench, 1000);
      assert.deepEqual(await sender.refresh(), []);
      assert.equal(await bench.received(), 7n);
    }));

  test("expired, and never in a block: it is given up only once the final blocks are past its expiry", () =>
    onBench(async (bench) => {
      const { world, node, alice } = bench;
      const deaf = withMethod(node, "wallet/broadcasthex", cutOff);
      const { sender } = await bench.start(deaf);
      const { id } = await sender.send(once(bench), alice);
      const { sender: later } = await bench.start(node);
      world.clock.now += 3 * 60_000 + 1;
      await world.chain.mine();
      const [waiting] = await later.refresh();
      assert.equal(waiting?.id, id, "the newest block is past it, but not the final one");
      assert.match(waiting?.trouble ?? "", /not certain yet/);
      await pass(bench, 1000);
      assert.deepEqual(await later.refresh(), []);
      assert.equal((await later.list({ id }))[0]?.state, "expired");
      assert.equal(await bench.received(), 0n);
      await later.send(once(bench), alice);
      await pass(bench, 1000);
      assert.equal(await bench.received(), 7n);
    }));

  test("in a block although nodes say that it expired: it is found", () =>
    onBench(async (bench) => {
      const { world, node, alice } = bench;
      const { network, sender } = await bench.start(node);
      const { signed } = await sender.send(once(bench), alice);
      await world.chain.mine();
      const forgetful = withMethod(node, "wallet/broadcasthex", () => ({
        result: false,
        code: "TRANSACTION_EXPIRATION_ERROR",
        message: "Transaction expired",
      }));
      const other = await bench.start(forgetful);
      assert.deepEqual(await other.network.broadcast(signed), { state: "accepted" });
      assert.equal((await network.status(signed.id)).state, "included");
    }));

  test("one liar among three cannot have it signed again", () =>
    onBench(async (bench) => {
      const { world, node, alice } = bench;
      const liar: Rpc = {
        async request(request) {
          const { method } = request;
          if (method === "wallet/broadcasthex") {
            return { result: false, code: "TRANSACTION_EXPIRATION_ERROR", message: "" };
          }
          if (method.includes("gettransaction")) return {};
          if (method === "walletsolidity/getblock") {
            const block = (await node.request(request)) as { block_header: { raw_data: object } };
            const { raw_data } = block.block_header;
            return { ...block, block_header: { raw_data: { ...raw_data, timestamp: 9e14 } } };
          }
          return await node.request(request);
        },
      };
      const silent = withMethod(node, "wallet/broadcasthex", cutOff);
      const { network, sender } = await bench.start(liar, silent, silent);
      const { id, state } = await sender.send(once(bench), alice);
      assert.equal(state, "waiting");
      await sender.refresh();
      assert.equal((await sender.list({ id }))[0]?.state, "waiting");
      const { sender: later } = await bench.start(liar, node, node);
      await later.refresh();
      await world.chain.mine(19);
      await later.refresh();
      assert.equal(await bench.received(), 7n);
      assert.equal((await network.status(id, { assurance: "quorum" })).state, "included");
    }));

  test("refused by one, unheard of from another: it waits, since the other may have it", () =>
    onBench(async (bench) => {
      const { node, alice } = bench;
      const refuser = withMethod(node, "wallet/broadcasthex", () => ({
        result: false,
        code: "CONTRACT_VALIDATE_ERROR",
        message: "Contract validate error : balance is not sufficient.",
      }));
      const mute = withMethod(node, "wallet/broadcasthex", async (passOn) => {
        await passOn();
        return cutOff();
      });
      const { sender } = await bench.start(refuser, mute);
      const { state } = await sender.send(once(bench), alice);
      assert.equal(state, "waiting");
      await pass(bench, 1000);
      assert.equal(await bench.received(), 7n);
      const alone = await bench.start(refuser);
      await assert.rejects(alone.sender.send(once(bench), alice), { code: "insufficient-funds" });
      await pass(bench, 1000);
      assert.equal(await bench.received(), 7n);
    }));

  test("two payments of the same are two transactions, one key's are one", () =>
    onBench(async (bench) => {
      const { node, alice } = bench;
      const { sender } = await bench.start(node);
      const ids = new Set<string>();
      for (let times = 0; times < 3; times++) {
        ids.add((await sender.send(once(bench), alice)).id);
      }
      assert.equal(ids.size, 3);
      const [a, b] = await Promise.all([
        sender.send(once(bench), alice, { key: "k" }),
        sender.send(once(bench), alice, { key: "k" }),
      ]);
      assert.equal(a.id, b.id);
      await pass(bench, 1000);
      assert.equal(await bench.received(), 28n);
    }));

  test("a node of another chain is not asked anything that counts", () =>
    onBench(async (bench) => {
      const { node } = bench;
      const foreign = withMethod(node, "eth_chainId", () => "0x2b6653dc");
      const { network } = await bench.start(foreign);
      await assert.rejects(network.head(), { code: "wrong-network" });
    }));

  test("what releases money is what most nodes say of final blocks", () =>
    onBench(async (bench) => {
      const { world, node } = bench;
      const rich = withMethod(node, "walletsolidity/getaccount", () => ({ balance: 10 ** 15 }));
      const { network } = await bench.start(rich, node, node);
      const { network: captured } = await bench.start(rich, rich, node);
      await pass(bench, 1000);
      const quorum = { assurance: "quorum" } as const;
      assert.equal(await network.coinBalance(world.bob.address, quorum), START_SUN);
      assert.equal(await captured.coinBalance(world.bob.address, quorum), 10n ** 15n);
      const { network: torn } = await bench.start(rich, node);
      await assert.rejects(torn.coinBalance(world.bob.address, quorum), { code: "no-quorum" });
    }));
});
