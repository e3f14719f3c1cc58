import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createNodeRuntime } from "@shoal/runtime/node";
import { encodeFunctionData, erc20Abi } from "viem";
import { tokenMoves } from "../network/token.ts";
import { tronContractAddress } from "./address.ts";
import { tronTransactionId } from "./transaction.ts";
import {
  deploymentOf,
  signedTransaction,
  transferOf,
  triggerOf,
} from "../testing/tron-transactions.ts";
import { inTronWorld } from "../testing/tron-world.ts";
import { tronNetworkOver } from "../testing/tron-subject.ts";
import { createTronRpc } from "./tron-rpc.ts";
import { bttInitCode } from "../testing/btt-code.ts";
import { LONG_RANGE_BLOCKS } from "./account-index.ts";

suite("a long history on TRON", () => {
  test("is read by the account's index, and is what looking through every block gives", async () => {
    const runtime = await createNodeRuntime();
    await inTronWorld({}, async ({ chain, alice, bob, url, clock }) => {
      const send = async (contract: Parameters<typeof signedTransaction>[2], by = alice) => {
        const transaction = await signedTransaction(chain, by, contract);
        assert.equal(await chain.broadcast(transaction), null);
        return tronTransactionId(transaction.rawData);
      };
      const deployment = deploymentOf(alice.address, bttInitCode(alice.address));
      const btt = tronContractAddress(await send(deployment), alice.address);
      const transfer = (to: typeof bob.address, amount: bigint) =>
        encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [to, amount] });
      for (let times = 1; times <= 25; times++) {
        await send(triggerOf(alice.address, btt, transfer(bob.address, BigInt(times))));
      }
      await send(triggerOf(bob.address, btt, transfer(alice.address, 100n)), bob);
      await send(triggerOf(bob.address, btt, transfer(bob.address, 5n)), bob);
      for (const sun of [3n, 4n]) await send(transferOf(alice.address, bob.address, sun));
      await send(transferOf(bob.address, alice.address, 9n), bob);
      const rpc = createTronRpc(runtime.http, url);
      const methods: string[] = [];
      const watched = {
        request(request: Parameters<typeof rpc.request>[0]) {
          methods.push(request.method);
          // Several pages of the index.
          return rpc.request({
            ...request,
            method: request.method.replace("limit=200", "limit=10"),
          });
        },
      };
      const over = (endpoint: typeof rpc) =>
        tronNetworkOver([{ name: "node", rpc: endpoint }], chain.chainId, {
          nowMs: () => clock.now,
        });
      const { number } = chain.head;
      const long = { fromBlock: 0, toBlock: number + LONG_RANGE_BLOCKS };
      const short = { fromBlock: 0, toBlock: number };
      const query = { token: btt, owner: bob.address };
      const indexed = await tokenMoves(over(watched), { ...long, ...query });
      assert.ok(methods.some((method) => method.startsWith("v1/")));
      assert.ok(!methods.includes("eth_getLogs"));
      assert.equal(indexed.length, 27);
      assert.equal(methods.filter((method) => method.includes("fingerprint=")).length, 2);
      assert.deepEqual(indexed, await tokenMoves(over(rpc), { ...short, ...query }));
      const part = { fromBlock: 20, toBlock: 20 + LONG_RANGE_BLOCKS };
      const some = await tokenMoves(over(rpc), { ...part, ...query });
      assert.deepEqual(
        some,
        indexed.filter(({ block }) => block.number >= 20),
      );
      const owner = bob.address;
      const coins = await over(rpc).coinMoves({ ...long, owner });
      assert.deepEqual(
        coins.map(({ from, amount }) => [from, amount]),
        [
          [alice.address, 3n],
          [alice.address, 4n],
          [bob.address, 9n],
        ],
      );
      assert.deepEqual(coins, await over(rpc).coinMoves({ ...short, owner }));
      // Nobody but services keeps an index.
      const plain = {
        request(request: Parameters<typeof rpc.request>[0]) {
          const method = request.method.startsWith("v1/") ? "nowhere/" : request.method;
          return rpc.request({ ...request, method });
        },
      };
      assert.deepEqual(await tokenMoves(over(plain), { ...long, ...query }), indexed);
    });
    await runtime.close();
  });
});
