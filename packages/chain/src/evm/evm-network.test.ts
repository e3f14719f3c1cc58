import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Transaction } from "ethers";
import { bttAbi } from "@shoal/contracts";
import { ChainError, RevertError, RpcError } from "../errors.ts";
import { toAddress, toTransactionId } from "../network/address.ts";
import { readContract } from "../network/contract.ts";
import { balanceOf, denominationOf, tokenMoves, transferIntent } from "../network/token.ts";
import type { Intent } from "../network/transaction.ts";
import type { Network } from "../network/network.ts";
import { ann, bob, carol, createEvmWorld, faulty } from "../testing/evm-world.ts";
import { keccak256, toHex } from "viem";

const send = async (network: Network, intent: Intent, from = ann) => {
  const signed = await network.sign(await network.prepare(intent, { from: from.address }), from);
  assert.deepEqual(await network.broadcast(signed), { state: "accepted" });
  return signed;
};

suite("EVM network", () => {
  test("BTT moves, balances are exact, and the token's entries tell of it", async () => {
    const { network, btt } = await createEvmWorld();
    const asset = { kind: "token", address: btt } as const;
    const amount = 1_000_000_000_000_000_001n;
    const { id, prepared } = await send(network, transferIntent(asset, bob.address, amount));
    assert.equal(await balanceOf(network, asset, bob.address), amount);
    assert.deepEqual(await denominationOf(network, asset), network.info.btt);
    const { latest } = await network.head();
    const range = { fromBlock: 0, toBlock: latest.number };
    const moves = await tokenMoves(network, { ...range, token: btt, owner: bob.address });
    assert.deepEqual(
      moves.map(({ from, to, amount, transactionId }) => ({ from, to, amount, transactionId })),
      [{ from: ann.address, to: bob.address, amount, transactionId: id }],
    );
    const status = await network.status(id);
    assert.ok(status.state === "included" && status.receipt.isSuccess);
    assert.equal(status.confirmations, 1);
    assert.ok(status.receipt.fee > 0n && status.receipt.fee <= prepared.maxFee);
  });

  test("ethers reads the same sender, number and hash out of what is sent (EIP-1559)", async () => {
    const { network } = await createEvmWorld();
    const { raw, id } = await send(network, { kind: "transfer", to: carol.address, amount: 7n });
    const theirs = Transaction.from(raw);
    assert.equal(theirs.type, 2);
    assert.equal(theirs.hash, id);
    assert.equal(toAddress(theirs.from!), ann.address);
    assert.equal(theirs.chainId, BigInt(network.info.chainId));
    assert.equal(await network.coinBalance(carol.address), 7n);
  });

  test("a chain without EIP-1559 gets a legacy transaction, signed for its number (EIP-155)", async () => {
    const { evm, networkOver } = await createEvmWorld();
    const old = faulty(evm, async (method, next) => {
      if (method === "eth_feeHistory") throw new RpcError(-32601, "the method does not exist");
      const answer = await next();
      if (method !== "eth_getBlockByNumber") return answer;
      const { baseFeePerGas: _, ...block } = answer as Record<string, unknown>;
      return block;
    });
    const network = networkOver([{ name: "old", rpc: old }]);
    const { raw } = await send(network, { kind: "transfer", to: carol.address, amount: 7n });
    assert.equal(Transaction.from(raw).type, 0);
    assert.equal(Transaction.from(raw).chainId, BigInt(network.info.chainId));
    assert.equal(await network.coinBalance(carol.address), 7n);
  });

  test("what a contract refuses is told before anything is signed, with its reason", async () => {
    const { network, btt } = await createEvmWorld();
    const asset = { kind: "token", address: btt } as const;
    const tooMuch = transferIntent(asset, bob.address, 1n);
    const simulation = await network.simulate(tooMuch, carol.address);
    assert.ok(!simulation.ok && simulation.code === "reverted");
    await assert.rejects(
      network.prepare(transferIntent(asset, ann.address, 2n), { from: bob.address }),
      RevertError,
    );
    const call = { address: btt, abi: bttAbi, functionName: "allowance" } as const;
    assert.equal(await readContract(network, { ...call, args: [ann.address, bob.address] }), 0n);
    await assert.rejects(
      readContract(network, { ...call, address: carol.address, args: [ann.address, bob.address] }),
      { code: "not-found" },
    );
  });

  test("a simulation says what would move, and changes nothing", async () => {
    const { network, btt } = await createEvmWorld();
    const asset = { kind: "token", address: btt } as const;
    const simulation = await network.simulate(transferIntent(asset, bob.address, 5n), ann.address);
    assert.ok(simulation.ok && simulation.gas > 21_000n);
    assert.deepEqual(simulation.moves, [{ asset, from: ann.address, to: bob.address, amount: 5n }]);
    assert.equal(await balanceOf(network, asset, bob.address), 0n);
  });

  test("funds that do not suffice for amount and fee are told as such", async () => {
    const { network } = await createEvmWorld();
    const intent = { kind: "transfer", to: ann.address, amount: 1n } as const;
    const rejected = { code: "insufficient-funds" };
    await assert.rejects(network.prepare(intent, { from: carol.address }), rejected);
    const all = await network.coinBalance(bob.address);
    await assert.rejects(
      network.prepare({ ...intent, amount: all }, { from: bob.address }),
      rejected,
    );
    await assert.rejects(network.prepare(intent, { from: bob.address, maxFee: 1n }), {
      code: "fee-too-high",
    });
  });

  test("coin that moves is found block by block", async () => {
    const { network } = await createEvmWorld();
    const sent = await send(network, { kind: "transfer", to: carol.address, amount: 3n });
    const { latest } = await network.head();
    const query = { owner: carol.address, fromBlock: 0, toBlock: latest.number };
    const moves = await network.coinMoves(query);
    assert.deepEqual(
      moves.map(({ from, amount, transactionId }) => ({ from, amount, transactionId })),
      [{ from: ann.address, amount: 3n, transactionId: sent.id }],
    );
  });

  test("entries of a range longer than a node serves are asked for in parts", async () => {
    const { evm, networkOver, network, btt } = await createEvmWorld();
    const asset = { kind: "token", address: btt } as const;
    for (const amount of [1n, 2n, 3n]) {
      await send(network, transferIntent(asset, bob.address, amount));
      await evm.mine(3);
    }
    const asked: number[] = [];
    const short = faulty(evm, async (method, next, [filter]) => {
      if (method !== "eth_getLogs") return await next();
      const { fromBlock, toBlock } = filter as { fromBlock: string; toBlock: string };
      const length = Number(toBlock) - Number(fromBlock) + 1;
      asked.push(length);
      if (length > 4) throw new RpcError(-32005, "query exceeds max block range of 4");
      return await next();
    });
    const range = { fromBlock: 0, toBlock: 13, token: btt, owner: bob.address };
    const moves = await tokenMoves(networkOver([{ name: "short", rpc: short }]), range);
    assert.deepEqual(
      moves.map(({ amount }) => amount),
      [1n, 2n, 3n],
    );
    assert.ok(asked.length > 4);
  });
});

suite("endpoints", () => {
  const down = { request: async () => Promise.reject(new ChainError("unreachable", "down")) };

  test("one that does not answer is passed over, and asked last from then on", async () => {
    const { evm, networkOver } = await createEvmWorld();
    let asked = 0;
    const dead = faulty(evm, async () => {
      asked++;
      throw new ChainError("unreachable", "dead does not answer (timeout).");
    });
    const network = networkOver([
      { name: "dead", rpc: dead },
      { name: "alive", rpc: evm },
    ]);
    for (let times = 0; times < 5; times++) await network.coinBalance(ann.address);
    assert.equal(asked, 1);
    const none = networkOver([{ name: "dead", rpc: down }]);
    await assert.rejects(none.coinBalance(ann.address), { code: "unreachable" });
  });

  test("one of another chain is not believed about anything", async () => {
    const { evm, networkOver } = await createEvmWorld();
    const other = faulty(evm, async (method, next) => (method === "eth_chainId" ? "0x2" : next()));
    const network = networkOver([{ name: "other", rpc: other }]);
    await assert.rejects(network.coinBalance(ann.address), { code: "wrong-network" });
    const both = networkOver([
      { name: "other", rpc: other },
      { name: "right", rpc: evm },
    ]);
    assert.ok((await both.coinBalance(ann.address)) > 0n);
  });

  test("by quorum, one liar among three changes nothing, and two of them are noticed", async () => {
    const { evm, networkOver } = await createEvmWorld();
    const liar = (balance: string) =>
      faulty(evm, async (method, next) => (method === "eth_getBalance" ? balance : next()));
    const honest = { name: "honest", rpc: evm };
    const reading = { assurance: "quorum" } as const;
    const right = await networkOver([honest]).coinBalance(ann.address);
    const one = networkOver([{ name: "liar", rpc: liar("0xff") }, honest, { ...honest }]);
    assert.equal(await one.coinBalance(ann.address), 0xffn);
    assert.equal(await one.coinBalance(ann.address, reading), right);
    const two = networkOver([
      { name: "liar", rpc: liar("0xff") },
      honest,
      { name: "other", rpc: liar("0xfe") },
    ]);
    await assert.rejects(two.coinBalance(ann.address, reading), { code: "no-quorum" });
    const silent = networkOver([{ name: "a", rpc: down }, { name: "b", rpc: down }, honest]);
    await assert.rejects(silent.coinBalance(ann.address, reading), ChainError);
  });

  test("a receipt that only one node knows releases nothing by quorum", async () => {
    const { evm, networkOver, network } = await createEvmWorld();
    const { id } = await send(network, { kind: "transfer", to: carol.address, amount: 1n });
    const receipt = await evm.request({ method: "eth_getTransactionReceipt", params: [id] });
    const invented = toTransactionId(keccak256(toHex("never sent")));
    const liar = faulty(evm, async (method, next, [asked]) =>
      method === "eth_getTransactionReceipt" && asked === invented
        ? { ...(receipt as object), transactionHash: invented }
        : next(),
    );
    const honest = { name: "honest", rpc: evm };
    const three = networkOver([{ name: "liar", rpc: liar }, honest, { ...honest }]);
    assert.equal((await three.status(invented)).state, "included");
    assert.equal((await three.status(invented, { assurance: "quorum" })).state, "unknown");
    assert.equal((await three.status(id, { assurance: "quorum" })).state, "included");
  });

  test("entries of another contract are not taken for an answer", async () => {
    const { evm, networkOver, network, btt } = await createEvmWorld();
    const asset = { kind: "token", address: btt } as const;
    await send(network, transferIntent(asset, bob.address, 9n));
    const liar = faulty(evm, async (method, next) => {
      const answer = await next();
      if (method !== "eth_getLogs") return answer;
      return (answer as object[]).map((log) => ({ ...log, address: carol.address }));
    });
    await assert.rejects(
      tokenMoves(networkOver([{ name: "liar", rpc: liar }]), {
        token: btt,
        owner: bob.address,
        fromBlock: 0,
        toBlock: 3,
      }),
      { code: "bad-answer" },
    );
  });

  test("what nodes answer is read with suspicion", async () => {
    const { evm, networkOver } = await createEvmWorld();
    const answers = [null, "0x", "12", {}, [], "0xzz", 5, `0x1${"0".repeat(64)}`];
    for (const answer of answers) {
      const rpc = faulty(evm, async (method, next) =>
        method === "eth_getBalance" ? answer : next(),
      );
      await assert.rejects(networkOver([{ name: "odd", rpc }]).coinBalance(ann.address), {
        code: "bad-answer",
      });
    }
  });
});
