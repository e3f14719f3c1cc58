import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { recoverMessageAddress, recoverTypedDataAddress } from "viem";
import { createNodeRuntime } from "@shoal/runtime/node";
import { toAddress, ZERO_ADDRESS } from "../network/address.ts";
import type { Asset } from "../network/network-info.ts";
import { balanceOf, transferIntent } from "../network/token.ts";
import { Sender } from "../sending/sender.ts";
import { ann, bob, carol, createEvmWorld } from "../testing/evm-world.ts";
import { planSend } from "./plan-send.ts";
import { readHistory } from "./read-history.ts";
import { planMessage, planTypedData, signPlanned } from "./sign-message.ts";

/** A contract that every chain since Cancun has (EIP-4788). */
const BEACON_ROOTS = toAddress("0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02");

const COIN: Asset = { kind: "coin" };

async function world(options: { readonly autoMine?: boolean } = {}) {
  const evm = await createEvmWorld({}, options);
  const asset: Asset = { kind: "token", address: evm.btt };
  return { ...evm, asset };
}

suite("planning a payment", () => {
  test("says what will happen, what it costs and what is left, before anything is signed", async () => {
    const { network, asset } = await world();
    const known = [{ address: bob.address, name: "bob" }];
    const amount = 1_500_000_000_000_000_001n;
    const request = { from: ann.address, to: bob.address, asset, amount, known };
    const plan = await planSend(network, request);
    assert.deepEqual(plan.warnings, []);
    const text = plan.description.join("\n");
    assert.match(text, /send 1\.500000000000000001 BTT/);
    assert.match(text, /\(bob\)/);
    assert.match(text, /play money/);
    assert.match(text, /left 9999999998\.499999999999999999 BTT/);
    assert.equal(await balanceOf(network, asset, bob.address), 0n);
  });

  test("warns of a first-time recipient, and of one that looks like somebody known", async () => {
    const { network, asset } = await world();
    const to = carol.address;
    const stranger = { from: ann.address, to, asset, amount: 1n, known: [] };
    assert.deepEqual(
      (await planSend(network, stranger)).warnings.map(({ code, isGrave }) => [code, isGrave]),
      [["first-time", false]],
    );
    const twin = toAddress(`${to.slice(0, 8)}${"0".repeat(28)}${to.slice(-6)}`);
    const poisoned = { ...stranger, known: [{ address: twin, name: "carol" }] };
    const { warnings } = await planSend(network, poisoned);
    assert.deepEqual(
      warnings.map(({ code, isGrave }) => [code, isGrave]),
      [["look-alike", true]],
    );
    assert.match(warnings[0]!.message, /carol/);
  });

  test("refuses the token's own contract and the zero address; warns of other contracts", async () => {
    const { network, asset, btt } = await world();
    const request = { from: ann.address, to: btt, asset, amount: 1n, known: [] };
    await assert.rejects(planSend(network, request), { code: "refused" });
    await assert.rejects(planSend(network, { ...request, asset: COIN }), { code: "refused" });
    await assert.rejects(planSend(network, { ...request, to: ZERO_ADDRESS }), { code: "refused" });
    const { warnings } = await planSend(network, { ...request, to: BEACON_ROOTS });
    const { code, isGrave } = warnings.at(-1)!;
    assert.deepEqual([code, isGrave], ["contract", true]);
  });

  test("more than is there, and nothing at all, are refused by name", async () => {
    const { network, asset } = await world();
    const request = { from: bob.address, to: ann.address, asset, amount: 1n, known: [] };
    await assert.rejects(planSend(network, request), { code: "insufficient-funds" });
    await assert.rejects(planSend(network, { ...request, amount: 0n }), { code: "bad-amount" });
  });
});

suite("history", () => {
  test("tells of every movement, pending beside confirmed, and adds up to the balance", async () => {
    const { network, asset, evm } = await world();
    const runtime = await createNodeRuntime();
    try {
      const sender = await Sender.open(network, runtime.store, runtime.clock);
      await sender.send(transferIntent(asset, bob.address, 10n), ann);
      await sender.send(transferIntent(asset, ann.address, 4n), bob);
      await evm.mine(5);
      await sender.refresh();
      await sender.send(transferIntent(asset, bob.address, 3n), bob);
      await evm.request({ method: "evm_setAutomine", params: [false] });
      await sender.send(transferIntent(asset, carol.address, 1n), bob);
      const outgoing = await sender.list({ sender: bob.address });
      const query = { owner: bob.address, asset, outgoing, fromBlock: 0 };
      const history = await readHistory(network, query);
      assert.deepEqual(
        history.map(({ direction, amount, state }) => [direction, amount, state]),
        [
          ["out", 1n, "pending"],
          ["self", 3n, "included"],
          ["out", 4n, "final"],
          ["in", 10n, "final"],
        ],
      );
      const sum = history
        .filter(({ state }) => state !== "pending")
        .reduce((total, { direction, amount }) => {
          return direction === "self" ? total : total + (direction === "in" ? amount : -amount);
        }, 0n);
      assert.equal(sum, await balanceOf(network, asset, bob.address));
    } finally {
      await runtime.close();
    }
  });
});

suite("signing", () => {
  test("a text is signed as other wallets do (EIP-191)", async () => {
    const { network } = await world();
    const plan = planMessage("hello\u202e world", network.info);
    assert.match(plan.description.join("\n"), /hello\\u\{202e\} world/);
    const signature = await signPlanned(plan, ann);
    const signer = await recoverMessageAddress({ message: "hello\u202e world", signature });
    assert.equal(toAddress(signer), ann.address);
  });

  test("structured data is shown in full, and refused for another chain (EIP-712)", async () => {
    const { network } = await world();
    const data = {
      domain: { name: "Shop", chainId: network.info.chainId },
      types: {
        Order: [
          { name: "item", type: "string" },
          { name: "price", type: "uint256" },
        ],
      },
      primaryType: "Order",
      message: { item: "film", price: "5" },
    } as const;
    const plan = planTypedData(JSON.stringify(data), network.info);
    assert.deepEqual(plan.description, ["sign Order for Shop", "  item: film", "  price: 5"]);
    const signature = await signPlanned(plan, ann);
    const typed = { ...data, message: { item: "film", price: 5n }, signature };
    assert.equal(toAddress(await recoverTypedDataAddress(typed)), ann.address);
    const foreign = { ...data, domain: { ...data.domain, chainId: 1 } };
    assert.throws(() => planTypedData(JSON.stringify(foreign), network.info), {
      code: "not-allowed",
    });
    assert.throws(() => planTypedData("{}", network.info), { code: "not-allowed" });
  });
});
